import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { Code } from '../ui/Code';
import { Password } from '../ui/NewPassword';
import { AskForm } from './AskForm';
import styles from './AskForm.module.css';

interface ReauthenticateProps {
  /** Whether a code of an app will do as well. */
  totp: boolean;
  onDone: () => void;
}

/** Asks again who it is, before something that a passer-by at an open screen must not do. */
export function Reauthenticate({ totp, onDone }: ReauthenticateProps) {
  const [byCode, setByCode] = useState(false);
  return (
    <div className={styles['prove']}>
      <p>
        <FormattedMessage id="reauthenticate.text" />
      </p>
      <AskForm
        narrow
        key={String(byCode)}
        path="/auth/reauthenticate"
        body={(text) => (byCode ? { code: text('code').replaceAll(/\s/g, '') } : { password: text('password') })}
        submit="secondFactor.submit"
        onDone={onDone}
      >
        {byCode ? (
          <Code label="secondFactor.code" />
        ) : (
          <Password name="password" label="signIn.password" autoComplete="current-password" />
        )}
      </AskForm>
      {totp && (
        <Button variant="subtle" size="compact-sm" onClick={() => setByCode(!byCode)}>
          <FormattedMessage id={byCode ? 'reauthenticate.password' : 'secondFactor.useApp'} />
        </Button>
      )}
    </div>
  );
}
