import { useState } from 'react';

import { ask, type Refused } from '../../auth/ask';
import { Reauthenticate } from '../../auth/Reauthenticate';
import { RefusalText } from '../../auth/RefusalText';
import { useAsked } from '../../auth/useAsked';
import { Answer } from '../../ui/Answer';
import styles from './factor.module.css';
import { FactorList, type FactorsReply } from './FactorList';
import { PasskeyForm } from './PasskeyForm';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpSetup } from './TotpSetup';

/** What can be done about the second factor. All of it takes a recent proof of who it is. */
export type Wish =
  | { do: 'addApp' }
  | { do: 'addPasskey' }
  | { do: 'newCodes' }
  | { do: 'removeApp' }
  | { do: 'removePasskey'; id: string };

type Doing = { is: 'idle' } | { is: 'proving'; wish: Wish } | { is: 'adding'; what: 'app' | 'passkey' } | Codes;
type Codes = { is: 'codes'; codes: readonly string[] };

/** The second factor of an account: what there is, and changing it. */
export function Factors() {
  const [answer, again] = useAsked<FactorsReply>('/auth/factors');
  const [doing, setDoing] = useState<Doing>({ is: 'idle' });
  const [refusal, setRefusal] = useState<Refused>();

  function idle() {
    setDoing({ is: 'idle' });
    again();
  }

  function refused(reply: Refused, wish: Wish) {
    if (reply.code === 'REAUTHENTICATION_REQUIRED') return setDoing({ is: 'proving', wish });
    return setRefusal(reply);
  }

  async function begin(wish: Wish) {
    setRefusal(undefined);
    const reply = await ask<{ recentlyAuthenticated: boolean }>('/auth/session');
    if (reply.is === 'ok' && !reply.body.recentlyAuthenticated) return setDoing({ is: 'proving', wish });
    return perform(wish);
  }

  async function perform(wish: Wish) {
    if (wish.do === 'addApp') return setDoing({ is: 'adding', what: 'app' });
    if (wish.do === 'addPasskey') return setDoing({ is: 'adding', what: 'passkey' });
    const reply = await send(wish);
    if (reply.is === 'refused') return refused(reply, wish);
    const codes = reply.body.recoveryCodes;
    return codes ? setDoing({ is: 'codes', codes }) : idle();
  }

  const added = ({ recoveryCodes }: { recoveryCodes: readonly string[] | null }) =>
    recoveryCodes ? setDoing({ is: 'codes', codes: recoveryCodes }) : idle();

  return (
    <div className={styles['factors']}>
      <RefusalText of={refusal} />
      {doing.is === 'codes' && <RecoveryCodes codes={doing.codes} onKept={idle} />}
      {doing.is === 'adding' && doing.what === 'app' && (
        <TotpSetup onDone={added} onRefused={(reply) => refused(reply, { do: 'addApp' })} />
      )}
      {doing.is === 'adding' && doing.what === 'passkey' && (
        <PasskeyForm onDone={added} onRefused={(reply) => refused(reply, { do: 'addPasskey' })} />
      )}
      <Answer of={answer} empty="never">
        {(factors) => (
          <>
            {doing.is === 'proving' && (
              <Reauthenticate totp={factors.totp !== null} onDone={() => void perform(doing.wish)} />
            )}
            {doing.is === 'idle' && <FactorList factors={factors} onWish={(wish) => void begin(wish)} />}
          </>
        )}
      </Answer>
    </div>
  );
}

function send(wish: Exclude<Wish, { do: 'addApp' | 'addPasskey' }>) {
  const answer = ask<{ recoveryCodes?: readonly string[] }>;
  switch (wish.do) {
    case 'newCodes':
      return answer('/auth/recovery-codes', {});
    case 'removeApp':
      return answer('/auth/totp/remove', {});
    case 'removePasskey':
      return answer('/auth/passkey/remove', { id: wish.id });
  }
}
