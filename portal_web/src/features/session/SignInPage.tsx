import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { refused } from '../../auth/ask';
import { RefusalText } from '../../auth/RefusalText';
import { Door, Others, Way } from './Door';
import { ForgottenPage } from './ForgottenPage';
import { OtherWays } from './OtherWays';
import { SignInForm } from './SignInForm';
import { useWays } from './ways';

interface SignInPageProps {
  onSignedIn: () => void;
  /** Why single sign-on led back here. */
  error?: string | undefined;
}

/** The door. */
export function SignInPage({ onSignedIn, error }: SignInPageProps) {
  const intl = useIntl();
  const [forgotten, setForgotten] = useState(false);
  const { ways, askFor } = useWays();
  if (forgotten) return <ForgottenPage onBack={() => setForgotten(false)} />;
  return (
    <Door title={intl.formatMessage({ id: 'signIn.title' })} lead={<FormattedMessage id="signIn.lead" />}>
      <RefusalText of={error ? refused(error) : undefined} />
      <SignInForm onSignedIn={onSignedIn} onEmail={askFor} />
      <Others>
        <Way onTake={() => setForgotten(true)}>
          <FormattedMessage id="signIn.forgotten" />
        </Way>
        <OtherWays ways={ways} onSignedIn={onSignedIn} />
      </Others>
    </Door>
  );
}
