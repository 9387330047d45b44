import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { AskForm } from '../../auth/AskForm';
import { Door, Others, Way } from './Door';
import { DeadLink } from './LinkPage';

interface ConfirmEmailPageProps {
  token: string;
  onLeave: () => void;
}

/** Confirms a new address: by a press, because programs that look through letters open links too. */
export function ConfirmEmailPage({ token, onLeave }: ConfirmEmailPageProps) {
  const intl = useIntl();
  const [confirmed, setConfirmed] = useState<string>();
  const [dead, setDead] = useState(false);
  if (dead) return <DeadLink onLeave={onLeave} />;
  if (confirmed !== undefined) {
    return (
      <Door
        key="done"
        focused
        title={intl.formatMessage({ id: 'confirmEmail.done.title' })}
        lead={<FormattedMessage id="confirmEmail.done.text" values={{ email: confirmed }} />}
      >
        <Others>
          <Way onTake={onLeave}>
            <FormattedMessage id="link.leave" />
          </Way>
        </Others>
      </Door>
    );
  }
  return (
    <Door
      focused
      title={intl.formatMessage({ id: 'confirmEmail.title' })}
      lead={<FormattedMessage id="confirmEmail.text" />}
    >
      <AskForm<{ email: string }>
        path="/auth/email/confirm"
        body={() => ({ token })}
        submit="confirmEmail.submit"
        onDone={({ email }) => setConfirmed(email)}
        onRefused={({ code }) => setDead(code === 'LINK_DEAD')}
      >
        {null}
      </AskForm>
    </Door>
  );
}
