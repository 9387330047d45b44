import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { ask, type Refused } from '../../auth/ask';
import { AskForm } from '../../auth/AskForm';
import { RefusalText } from '../../auth/RefusalText';
import { Code } from '../../ui/Code';
import { Rows } from '../../ui/Skeleton';
import styles from './factor.module.css';
import { QrPicture } from './QrPicture';

interface Begun {
  secret: string;
  uri: string;
  svg: string;
}

export interface Enrolled {
  recoveryCodes: readonly string[] | null;
  needs: string | null;
}

interface TotpSetupProps {
  onDone: (enrolled: Enrolled) => void;
  onRefused: (refused: Refused) => void;
}

/** Sets up an authenticator app: a picture for its camera, the same as letters, and a code to show that it works. */
export function TotpSetup({ onDone, onRefused }: TotpSetupProps) {
  const [begun, setBegun] = useState<Begun>();
  const [refusal, setRefusal] = useState<Refused>();
  useEffect(() => {
    let wanted = true;
    void ask<Begun>('/auth/totp/begin', {}).then((reply) => {
      if (!wanted) return;
      if (reply.is === 'ok') return setBegun(reply.body);
      setRefusal(reply);
      return onRefused(reply);
    });
    return () => {
      wanted = false;
    };
    // oxlint-disable-next-line react/exhaustive-deps -- begun once, whoever listens
  }, []);
  if (refusal) return <RefusalText of={refusal} />;
  if (!begun) return <Rows count={2} />;
  return (
    <div className={styles['setup']}>
      <p>
        <FormattedMessage id="totp.scan" />
      </p>
      <QrPicture svg={begun.svg} />
      <p className={styles['secret']}>
        <FormattedMessage id="totp.secret" />
        <code>{begun.secret.match(/.{1,4}/g)?.join(' ')}</code>
        <Button component="a" href={begun.uri} variant="default" size="xs">
          <FormattedMessage id="totp.open" />
        </Button>
      </p>
      <AskForm<Enrolled>
        narrow
        path="/auth/totp/confirm"
        body={(text) => ({ code: text('code').replaceAll(/\s/g, '') })}
        submit="totp.confirm"
        onDone={onDone}
        onRefused={(refused) => refused.code !== 'INVALID_CODE' && onRefused(refused)}
      >
        <Code label="secondFactor.code" />
      </AskForm>
    </div>
  );
}
