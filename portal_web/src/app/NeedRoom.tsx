import { FormattedMessage, useIntl } from 'react-intl';

import { Enrolment } from '../features/factor/Enrolment';
import { Door, Others, Way } from '../features/session/Door';
import { NewPasswordPage } from '../features/session/NewPasswordPage';
import { SecondFactorPage } from '../features/session/SecondFactorPage';
import { leaveSession, startSession, type Needy } from './session';

/** What has to be done before somebody is let in. After each step it is asked anew what is still wanting. */
export function NeedRoom({ now }: { now: Needy }) {
  const passed = () => void startSession();
  const leave = () => void leaveSession();
  switch (now.need) {
    case 'SECOND_FACTOR':
      return <SecondFactorPage factors={now.factors} onPassed={passed} onLeave={leave} />;
    case 'NEW_PASSWORD':
      return <NewPasswordPage onPassed={passed} onLeave={leave} />;
    case 'FACTOR_ENROLMENT':
      return <EnrolmentPage onPassed={passed} onLeave={leave} />;
  }
}

function EnrolmentPage({ onPassed, onLeave }: { onPassed: () => void; onLeave: () => void }) {
  const intl = useIntl();
  return (
    <Door
      focused
      title={intl.formatMessage({ id: 'enrolment.title' })}
      lead={<FormattedMessage id="enrolment.text" />}
    >
      <Enrolment onDone={onPassed} onRefused={({ code }) => code === 'UNAUTHENTICATED' && onLeave()} />
      <Others>
        <Way onTake={onLeave}>
          <FormattedMessage id="signIn.another" />
        </Way>
      </Others>
    </Door>
  );
}
