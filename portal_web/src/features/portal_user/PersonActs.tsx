import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { ask, type Refused } from '../../auth/ask';
import { RefusalText } from '../../auth/RefusalText';
import { graphql } from '../../gql/graphql';
import table from '../../ui/table.module.css';
import { Suspension, SuspensionFragment } from '../access/Suspension';
import { useWho } from '../access/who';
import { FactorReset } from './FactorReset';

export const PersonActsFragment = graphql(
  `
    fragment PersonActs_user on User {
      id
      viewerPermissions
      actsStatus: status
      ...Suspension_user
    }
  `,
  [SuspensionFragment],
);

/** What can be done about a person as a whole. */
export function PersonActs({ user: masked }: { user: FragmentOf<typeof PersonActsFragment> }) {
  const who = useWho();
  const user = readFragment(PersonActsFragment, masked);
  const [refused, setRefused] = useState<Refused>();
  if (who?.viewedBy) return null;

  async function viewAs() {
    const reply = await ask('/auth/view-as', { userId: user.id });
    // Everything on the page was read with other eyes.
    if (reply.is === 'ok') location.assign('/');
    else setRefused(reply);
  }

  return (
    <div>
      <RefusalText of={refused} />
      <div className={table['buttons']}>
        {user.viewerPermissions.includes('VIEW_AS') && user.actsStatus === 'ACTIVE' && (
          <Button variant="default" onClick={() => void viewAs()}>
            <FormattedMessage id="person.viewAs" />
          </Button>
        )}
        {user.viewerPermissions.includes('MANAGE_PORTAL_ACCESS') && (
          <>
            {user.actsStatus === 'ACTIVE' && <FactorReset user={user.id} />}
            <Suspension user={user} />
          </>
        )}
      </div>
    </div>
  );
}
