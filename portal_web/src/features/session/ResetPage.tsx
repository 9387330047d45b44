import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { AskForm } from '../../auth/AskForm';
import { useAsked } from '../../auth/useAsked';
import { NewPassword } from '../../ui/NewPassword';
import { Door } from './Door';
import { DeadLink, LinkPage } from './LinkPage';

interface ResetPageProps {
  token: string;
  onSignedIn: () => void;
  onLeave: () => void;
}

/** A new password for somebody who has forgotten theirs. */
export function ResetPage({ token, onSignedIn, onLeave }: ResetPageProps) {
  const intl = useIntl();
  const [look] = useAsked<{ email: string }>('/auth/reset/look', { token });
  const [dead, setDead] = useState(false);
  if (dead) return <DeadLink onLeave={onLeave} />;
  return (
    <LinkPage of={look} onLeave={onLeave}>
      {({ email }) => (
        <Door
          focused
          title={intl.formatMessage({ id: 'reset.title' })}
          lead={<FormattedMessage id="reset.text" values={{ email }} />}
        >
          <AskForm
            path="/auth/reset/complete"
            body={(text) => ({ token, password: text('password') })}
            submit="reset.submit"
            onDone={onSignedIn}
            onRefused={({ code }) => setDead(code === 'LINK_DEAD')}
          >
            <input type="hidden" name="username" autoComplete="username" value={email} />
            <NewPassword />
          </AskForm>
        </Door>
      )}
    </LinkPage>
  );
}
