import { Button } from '@mantine/core';
import { FormattedMessage } from 'react-intl';

import styles from './states.module.css';

/** Something could not be fetched, and can be tried again. */
export function Failure({ code, onRetry }: { code: string; onRetry: () => void }) {
  return (
    <div role="alert" className={styles['state']}>
      <p className={styles['title']}>
        <FormattedMessage id="answer.failed.title" />
      </p>
      <p className={styles['text']}>
        <FormattedMessage id="answer.failed.text" /> <FormattedMessage id="answer.code" values={{ code }} />
      </p>
      <Button variant="default" size="sm" onClick={onRetry}>
        <FormattedMessage id="answer.retry" />
      </Button>
    </div>
  );
}
