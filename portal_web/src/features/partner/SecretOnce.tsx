import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { FormattedMessage } from 'react-intl';

import styles from './partner.module.css';

interface SecretOnceProps {
  clientId: string;
  /** Null: the command had been carried out before, and its secret is gone. */
  secret: string | null;
  children?: ReactNode;
}

/** A secret, to be kept now: it is nowhere else, and goes with this page. */
export function SecretOnce({ clientId, secret, children }: SecretOnceProps) {
  const [copied, setCopied] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div className={styles['once']} ref={box} tabIndex={-1} role="status" data-testid="secret">
      <p>
        <strong>
          <FormattedMessage id={secret ? 'partners.secret.once' : 'partners.secret.gone'} />
        </strong>
      </p>
      <dl>
        <dt>client_id</dt>
        <dd>
          <code>{clientId}</code>
        </dd>
        {secret && (
          <>
            <dt>client_secret</dt>
            <dd>
              <code>{secret}</code>
            </dd>
          </>
        )}
      </dl>
      <div className={styles['line']}>
        {secret && (
          <Button size="xs" onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}>
            <FormattedMessage id={copied ? 'partners.secret.copied' : 'partners.secret.copy'} />
          </Button>
        )}
        {children}
      </div>
    </div>
  );
}
