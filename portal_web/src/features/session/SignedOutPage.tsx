import { Button } from '@mantine/core';
import { FormattedMessage, useIntl } from 'react-intl';

import { PageHeading } from '../../ui/PageHeading';
import { Screen } from '../../ui/Screen';

/** Said to somebody whose session was ended elsewhere; it does not blame and does not retry. */
export function SignedOutPage({ onAgain }: { onAgain: () => void }) {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'signedOut.title' });
  return (
    <Screen>
      <PageHeading title={title} focused>
        {title}
      </PageHeading>
      <p>
        <FormattedMessage id="signedOut.text" />
      </p>
      <Button onClick={onAgain}>
        <FormattedMessage id="signedOut.again" />
      </Button>
    </Screen>
  );
}
