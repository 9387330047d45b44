import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import type { Refused } from '../../auth/ask';
import styles from '../../auth/AskForm.module.css';
import { registerPasskey } from '../../auth/passkey';
import { RefusalText } from '../../auth/RefusalText';
import type { Enrolled } from './TotpSetup';

interface PasskeyFormProps {
  onDone: (enrolled: Enrolled) => void;
  onRefused: (refused: Refused) => void;
}

/** Makes a passkey on this device, under a name. */
export function PasskeyForm({ onDone, onRefused }: PasskeyFormProps) {
  const intl = useIntl();
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<Refused>();

  async function register(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const label = String(new FormData(event.currentTarget).get('label')).trim();
    setAsking(true);
    const reply = await registerPasskey<Enrolled>(label);
    setAsking(false);
    if (reply.is === 'ok') return onDone(reply.body);
    setRefusal(reply);
    return onRefused(reply);
  }

  return (
    <form className={styles['form']} data-narrow onSubmit={(event) => void register(event)}>
      <RefusalText of={refusal} />
      <TextInput
        label={intl.formatMessage({ id: 'passkey.label' })}
        description={intl.formatMessage({ id: 'passkey.label.hint' })}
        name="label"
        maxLength={60}
        required
        withAsterisk={false}
        size="md"
      />
      <Button type="submit" loading={asking}>
        <FormattedMessage id="passkey.make" />
      </Button>
    </form>
  );
}
