import { Link } from '@tanstack/react-router';
import { FormattedMessage } from 'react-intl';

import { useWho } from '../features/access/who';
import { graphql } from '../gql/graphql';
import { useAnswer } from '../gql/useAnswer';
import { Icon } from '../ui/Icon';

const MayEnterQuery = graphql(`
  query MayEnter {
    viewer {
      id
      permissions
    }
  }
`);

/** The way to the rooms about people and access, for those who have the right to be there. */
export function AccessLink() {
  const who = useWho();
  const answer = useAnswer(MayEnterQuery, {});
  const rights = answer.is === 'ready' ? answer.data.viewer.permissions : [];
  if (who?.viewedBy || !(rights.includes('VIEW_ACCESS') || rights.includes('MANAGE_PARTNERS'))) return null;
  return (
    <Link to={rights.includes('VIEW_ACCESS') ? '/access' : '/access/partners'}>
      <Icon name="key" />
      <FormattedMessage id="nav.access" />
    </Link>
  );
}
