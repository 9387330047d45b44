import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { FormattedMessage } from 'react-intl';

import type { Permission } from '../../gql/graphql';
import { Icon } from '../../ui/Icon';
import { useWho } from './who';

interface RequestWorkProps {
  /** The rights of the place it would be asked for. */
  permissions: readonly Permission[];
  site?: string;
}

/** The way to asking for work, for whoever may. */
export function RequestWork({ permissions, site }: RequestWorkProps) {
  const who = useWho();
  if (!permissions.includes('REQUEST_WORK') || who?.viewedBy) return null;
  return (
    <Button
      renderRoot={(props) => <Link to="/request" search={site ? { site } : {}} {...props} />}
      leftSection={<Icon name="plus" />}
    >
      <FormattedMessage id="request.title" />
    </Button>
  );
}
