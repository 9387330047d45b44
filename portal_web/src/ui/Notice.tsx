import { useEffect } from 'react';
import { useIntl } from 'react-intl';

import { Icon } from './Icon';
import styles from './Notice.module.css';

const STAYS = 12_000;

/**
 * The one polite live region. It is always in the document, or a change of it would not be told; what it says can
 * also be read.
 */
export function Notice({ text, onGone }: { text: string; onGone: () => void }) {
  const intl = useIntl();
  useEffect(() => {
    if (!text) return undefined;
    const timer = setTimeout(onGone, STAYS);
    return () => clearTimeout(timer);
  }, [text, onGone]);
  return (
    <div className={styles['notice']} data-shown={text !== ''}>
      <p role="status" aria-live="polite" aria-atomic="true" data-testid="announcement">
        {text}
      </p>
      {text && (
        <button type="button" onClick={onGone} aria-label={intl.formatMessage({ id: 'notice.dismiss' })}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
