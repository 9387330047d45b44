import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import type { Refused } from '../../auth/ask';
import { passkeysWork, signInWithPasskey } from '../../auth/passkey';
import { RefusalText } from '../../auth/RefusalText';
import { Icon } from '../../ui/Icon';
import { Or } from './Door';
import { startOf, type SingleSignOn } from './ways';

interface OtherWaysProps {
  ways: readonly SingleSignOn[];
  onSignedIn: () => void;
}

/** In without a password: at the company's own identity provider, or with a passkey. */
export function OtherWays({ ways, onSignedIn }: OtherWaysProps) {
  const passkeys = passkeysWork();
  if (!passkeys && ways.length === 0) return null;
  return (
    <>
      <Or />
      {ways.map((way) => (
        <Button
          key={`${way.tenant} ${way.provider}`}
          component="a"
          href={startOf(way, location.pathname + location.search)}
          variant="default"
          size="md"
        >
          <FormattedMessage id="signIn.sso" values={{ provider: way.label }} />
        </Button>
      ))}
      {passkeys && <PasskeyButton onSignedIn={onSignedIn} />}
    </>
  );
}

export function PasskeyButton({ onSignedIn }: { onSignedIn: () => void }) {
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<Refused>();

  async function signIn() {
    setAsking(true);
    const reply = await signInWithPasskey();
    setAsking(false);
    setRefusal(reply.is === 'refused' ? reply : undefined);
    if (reply.is === 'ok') onSignedIn();
  }

  return (
    <>
      <Button variant="default" size="md" loading={asking} leftSection={<Icon name="key" />} onClick={() => void signIn()}>
        <FormattedMessage id="signIn.passkey" />
      </Button>
      <RefusalText of={refusal?.code === 'INVALID_CREDENTIALS' ? { ...refusal, code: 'PASSKEY_REFUSED' } : refusal} />
    </>
  );
}
