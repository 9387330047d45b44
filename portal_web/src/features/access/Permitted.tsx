import type { ReactNode } from 'react';
import { useIntl } from 'react-intl';

import type { Permission } from '../../gql/graphql';
import { Forbidden } from '../../ui/Forbidden';

interface PermittedProps {
  /** The right that the schema requires for the field. */
  to: Permission;
  /** The node whose field it is. */
  at: { viewerPermissions: readonly Permission[] };
  children: ReactNode;
}

/** Shows a guarded field, or in its place that it may not be seen. */
export function Permitted({ to, at, children }: PermittedProps) {
  const intl = useIntl();
  if (at.viewerPermissions.includes(to)) return children;
  return <Forbidden permission={intl.formatMessage({ id: `permission.${to}` })} />;
}
