import { Button } from '@mantine/core';
import { FormattedMessage, useIntl } from 'react-intl';

import { passkeysWork } from '../../auth/passkey';
import list from '../../ui/list.module.css';
import { ago } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import styles from './factor.module.css';
import type { Wish } from './Factors';

export interface FactorsReply {
  totp: { createdAt: string } | null;
  passkeys: readonly { id: string; label: string; createdAt: string; lastUsedAt: string | null }[];
  recoveryCodes: number;
  required: boolean;
}

/** What somebody has besides the password, and what can be had. */
export function FactorList({ factors, onWish }: { factors: FactorsReply; onWish: (wish: Wish) => void }) {
  const intl = useIntl();
  const now = useMinute();
  const has = factors.totp !== null || factors.passkeys.length > 0;
  const remove = intl.formatMessage({ id: 'factor.remove' });
  return (
    <div className={styles['list']}>
      {!has && (
        <p>
          <FormattedMessage id="factor.none" />
        </p>
      )}
      {has && (
        <ul className={list['list']} data-testid="factors">
          {factors.totp && (
            <li className={`${list['row']} ${styles['line']}`}>
              <span className={list['name']}>
                <FormattedMessage id="factor.app" />
              </span>
              <Button variant="default" size="xs" onClick={() => onWish({ do: 'removeApp' })}>
                {remove}
              </Button>
            </li>
          )}
          {factors.passkeys.map(({ id, label, createdAt, lastUsedAt }) => (
            <li key={id} className={`${list['row']} ${styles['line']}`}>
              <div>
                <span className={list['name']}>{label}</span>
                <span className={list['meta']}>
                  <FormattedMessage
                    id="factor.passkey.used"
                    values={{ ago: ago(lastUsedAt ?? createdAt, now, intl.locale) }}
                  />
                </span>
              </div>
              <Button variant="default" size="xs" aria-label={`${remove}: ${label}`} onClick={() => onWish({ do: 'removePasskey', id })}>
                {remove}
              </Button>
            </li>
          ))}
          <li className={`${list['row']} ${styles['line']}`}>
            <div>
              <span className={list['name']}>
                <FormattedMessage id="factor.codes" />
              </span>
              <span className={list['meta']}>
                <FormattedMessage id="factor.codes.left" values={{ count: factors.recoveryCodes }} />
              </span>
            </div>
            <Button variant="default" size="xs" onClick={() => onWish({ do: 'newCodes' })}>
              <FormattedMessage id="factor.codes.new" />
            </Button>
          </li>
        </ul>
      )}
      <div className={styles['buttons']}>
        {!factors.totp && (
          <Button variant="default" onClick={() => onWish({ do: 'addApp' })}>
            <FormattedMessage id="factor.addApp" />
          </Button>
        )}
        {passkeysWork() && (
          <Button variant="default" onClick={() => onWish({ do: 'addPasskey' })}>
            <FormattedMessage id="factor.addPasskey" />
          </Button>
        )}
      </div>
    </div>
  );
}
