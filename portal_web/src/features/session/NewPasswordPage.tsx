import { FormattedMessage, useIntl } from 'react-intl';

import { AskForm } from '../../auth/AskForm';
import { NewPassword } from '../../ui/NewPassword';
import { Door, Others, Way } from './Door';

/** Somebody came in with a temporary password, which opens nothing but this. */
export function NewPasswordPage({ onPassed, onLeave }: { onPassed: () => void; onLeave: () => void }) {
  const intl = useIntl();
  return (
    <Door
      focused
      title={intl.formatMessage({ id: 'newPassword.title' })}
      lead={<FormattedMessage id="newPassword.text" />}
    >
      <AskForm
        path="/auth/password"
        body={(text) => ({ password: text('password') })}
        submit="reset.submit"
        onDone={onPassed}
        onRefused={({ code }) => code === 'UNAUTHENTICATED' && onLeave()}
      >
        <NewPassword />
      </AskForm>
      <Others>
        <Way onTake={onLeave}>
          <FormattedMessage id="signIn.another" />
        </Way>
      </Others>
    </Door>
  );
}
