import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { AskForm } from '../../auth/AskForm';
import { Door, Others, Way } from './Door';

/** Asks for a letter with a link. Whether there is such an account is not said, because the server does not say it. */
export function ForgottenPage({ onBack }: { onBack: () => void }) {
  const intl = useIntl();
  const [sentTo, setSentTo] = useState<string>();
  const back = (
    <Others>
      <Way onTake={onBack}>
        <FormattedMessage id="signIn.back" />
      </Way>
    </Others>
  );
  if (sentTo !== undefined) {
    return (
      <Door
        key="sent"
        focused
        title={intl.formatMessage({ id: 'forgotten.sent.title' })}
        lead={<FormattedMessage id="forgotten.sent.text" values={{ email: sentTo }} />}
      >
        {back}
      </Door>
    );
  }
  return (
    <Door
      focused
      title={intl.formatMessage({ id: 'forgotten.title' })}
      lead={<FormattedMessage id="forgotten.text" />}
    >
      <AskForm
        path="/auth/reset/request"
        body={(text) => ({ email: text('email').trim() })}
        submit="forgotten.submit"
        onDone={(_, text) => setSentTo(text('email').trim())}
      >
        <TextInput
          label={intl.formatMessage({ id: 'signIn.email' })}
          name="email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          size="md"
        />
      </AskForm>
      {back}
    </Door>
  );
}
