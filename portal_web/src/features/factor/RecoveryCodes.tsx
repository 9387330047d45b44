import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import styles from './factor.module.css';

/** The codes for the day the device is lost. They are shown once, so they stay until it is said that they are kept. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className={styles['setup']} role="status">
      <p>
        <FormattedMessage id="recovery.text" />
      </p>
      <ol className={styles['codes']} data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className={styles['buttons']}>
        <Button
          variant="default"
          onClick={() => void navigator.clipboard.writeText(codes.join('\n')).then(() => setCopied(true))}
        >
          <FormattedMessage id={copied ? 'recovery.copied' : 'recovery.copy'} />
        </Button>
        <Button onClick={onKept}>
          <FormattedMessage id="recovery.kept" />
        </Button>
      </div>
    </div>
  );
}
