import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { AskForm } from '../../auth/AskForm';
import { passkeysWork } from '../../auth/passkey';
import { Code } from '../../ui/Code';
import { Door, Or, Others, Way } from './Door';
import { PasskeyButton } from './OtherWays';

interface SecondFactorPageProps {
  /** What the person has: without an app there is only the passkey, and the written codes. */
  factors: { totp: boolean; passkeys: number };
  onPassed: () => void;
  onLeave: () => void;
}

/** The second proof: a code of the app, one that was written down, or a passkey. */
export function SecondFactorPage({ factors, onPassed, onLeave }: SecondFactorPageProps) {
  const intl = useIntl();
  const [written, setWritten] = useState(!factors.totp);
  return (
    <Door
      focused
      title={intl.formatMessage({ id: 'secondFactor.title' })}
      lead={<FormattedMessage id={written ? 'secondFactor.recovery.text' : 'secondFactor.text'} />}
    >
      <AskForm
        key={String(written)}
        path="/auth/second-factor"
        body={(text) => (written ? { recoveryCode: text('code').trim() } : { code: text('code').replaceAll(/\s/g, '') })}
        submit="secondFactor.submit"
        onDone={onPassed}
        onRefused={({ code }) => code === 'UNAUTHENTICATED' && onLeave()}
      >
        {written ? (
          <TextInput
            label={intl.formatMessage({ id: 'secondFactor.recovery' })}
            name="code"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            required
            withAsterisk={false}
            size="md"
          />
        ) : (
          <Code label="secondFactor.code" />
        )}
      </AskForm>
      <Others>
        {factors.totp && (
          <Way onTake={() => setWritten(!written)}>
            <FormattedMessage id={written ? 'secondFactor.useApp' : 'secondFactor.useRecovery'} />
          </Way>
        )}
        <Way onTake={onLeave}>
          <FormattedMessage id="signIn.another" />
        </Way>
        {factors.passkeys > 0 && passkeysWork() && (
          <>
            <Or />
            <PasskeyButton onSignedIn={onPassed} />
          </>
        )}
      </Others>
    </Door>
  );
}
