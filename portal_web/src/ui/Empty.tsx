import { FormattedMessage } from 'react-intl';

import type { MessageId } from './language';
import styles from './states.module.css';

/** Says what would be here and how it comes. */
export function Empty({ title, text }: { title: MessageId; text: MessageId }) {
  return (
    <div className={styles['state']}>
      <p className={styles['title']}>
        <FormattedMessage id={title} />
      </p>
      <p className={styles['text']}>
        <FormattedMessage id={text} />
      </p>
    </div>
  );
}
