import { FormattedMessage } from 'react-intl';

import type { Permission } from '../../gql/graphql';
import styles from './Rights.module.css';

const SHOWN = 5;

interface RightsProps {
  permissions: readonly Permission[];
}

/** Rights in words: what can be seen, and what can be done. */
export function Rights({ permissions }: RightsProps) {
  const see = permissions.filter((permission) => permission.startsWith('VIEW_'));
  const act = permissions.filter((permission) => !permission.startsWith('VIEW_'));
  return (
    <dl className={styles['rights']}>
      {see.length > 0 && (
        <div>
          <dt>
            <FormattedMessage id="place.see" />
          </dt>
          <Words permissions={see} />
        </div>
      )}
      {act.length > 0 && (
        <div>
          <dt>
            <FormattedMessage id="place.do" />
          </dt>
          <Words permissions={act} />
        </div>
      )}
    </dl>
  );
}

function Words({ permissions }: RightsProps) {
  const rest = permissions.slice(SHOWN);
  return (
    <dd>
      <List permissions={permissions.slice(0, SHOWN)} />
      {rest.length > 0 && (
        <details>
          <summary>
            <FormattedMessage id="place.more" values={{ count: rest.length }} />
          </summary>
          <List permissions={rest} />
        </details>
      )}
    </dd>
  );
}

function List({ permissions }: RightsProps) {
  return (
    <ul>
      {permissions.map((permission) => (
        <li key={permission}>
          <FormattedMessage id={`permission.${permission}`} />
        </li>
      ))}
    </ul>
  );
}
