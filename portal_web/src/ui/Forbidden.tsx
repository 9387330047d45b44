import { FormattedMessage } from 'react-intl';

import { Icon } from './Icon';
import styles from './states.module.css';

/** Stands where a field would be that the viewer may not see; `permission` is the missing right in words. */
export function Forbidden({ permission }: { permission: string }) {
  return (
    <details className={styles['forbidden']}>
      <summary>
        <Icon name="lock" />
        <FormattedMessage id="forbidden.short" />
      </summary>
      <FormattedMessage id="forbidden.title" values={{ permission }} />
    </details>
  );
}
