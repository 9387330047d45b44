import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import type { Refused } from '../../auth/ask';
import { passkeysWork } from '../../auth/passkey';
import { Icon } from '../../ui/Icon';
import styles from './factor.module.css';
import { PasskeyForm } from './PasskeyForm';
import { RecoveryCodes } from './RecoveryCodes';
import { TotpSetup, type Enrolled } from './TotpSetup';

interface EnrolmentProps {
  onDone: () => void;
  onRefused: (refused: Refused) => void;
}

/** The first second factor: an app or a passkey, and then the codes for when it is lost. */
export function Enrolment({ onDone, onRefused }: EnrolmentProps) {
  const [way, setWay] = useState<'app' | 'passkey'>();
  const [codes, setCodes] = useState<readonly string[]>();

  function enrolled({ recoveryCodes }: Enrolled) {
    if (recoveryCodes) setCodes(recoveryCodes);
    else onDone();
  }

  if (codes) return <RecoveryCodes codes={codes} onKept={onDone} />;
  if (way === 'app') return <TotpSetup onDone={enrolled} onRefused={onRefused} />;
  if (way === 'passkey') return <PasskeyForm onDone={enrolled} onRefused={onRefused} />;
  return (
    <div className={styles['buttons']}>
      <Button size="md" onClick={() => setWay('app')}>
        <FormattedMessage id="factor.addApp" />
      </Button>
      {passkeysWork() && (
        <Button size="md" variant="default" leftSection={<Icon name="key" />} onClick={() => setWay('passkey')}>
          <FormattedMessage id="factor.addPasskey" />
        </Button>
      )}
    </div>
  );
}
