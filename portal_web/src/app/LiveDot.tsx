import { FormattedMessage } from 'react-intl';

import { useConnection } from '../features/access/connection';
import styles from './LiveDot.module.css';

/** Whether the page follows what happens, in a dot and a word. */
export function LiveDot() {
  const connection = useConnection();
  return (
    <span className={styles['live']} data-testid="live" data-connection={connection}>
      <FormattedMessage id={`live.${connection}`} />
    </span>
  );
}
