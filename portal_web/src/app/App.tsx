import { RouterProvider } from '@tanstack/react-router';
import { Button } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';
import { Provider } from 'urql';

import { ConnectionContext } from '../features/access/connection';
import { SignedOutPage } from '../features/session/SignedOutPage';
import { SignInPage } from '../features/session/SignInPage';
import { EraContext } from '../gql/era';
import { PageHeading } from '../ui/PageHeading';
import { Screen } from '../ui/Screen';
import { useStore } from '../ui/store';
import { Announcements } from './Announcements';
import { router } from './router';
import { session, startSession, type Present } from './session';
import { WhoContext } from './WhoContext';

// The push names the fields of every page, so it is not part of what the door loads.
const Live = lazy(async () => ({ default: (await import('./Live')).Live }));

/** Whatever the state of the session asks for. The address stays, so signing in leads to what was wanted. */
export function App() {
  const now = useStore(session);
  switch (now.is) {
    case 'starting':
      return <Starting />;
    case 'unreachable':
      return <Unreachable />;
    case 'out':
      if (now.ended) return <SignedOutPage onAgain={() => session.set({ is: 'out', ended: false })} />;
      return <SignInPage onSignedIn={() => void startSession()} />;
    case 'present':
      return <SignedIn present={now} />;
  }
}

function SignedIn({ present }: { present: Present }) {
  const { client, era } = useStore(present.era);
  return (
    <WhoContext value={present.who}>
      <ConnectionContext value={present.connection}>
        <EraContext value={era}>
          <Provider value={client}>
            <Suspense fallback={null}>
              <Live />
            </Suspense>
            <RouterProvider router={router} />
            <Announcements of={present.notice} />
          </Provider>
        </EraContext>
      </ConnectionContext>
    </WhoContext>
  );
}

function Starting() {
  const intl = useIntl();
  return <div aria-busy="true" aria-label={intl.formatMessage({ id: 'app.starting' })} role="status" />;
}

function Unreachable() {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'app.unreachable.title' });
  return (
    <Screen>
      <PageHeading title={title}>{title}</PageHeading>
      <p>
        <FormattedMessage id="app.unreachable.text" />
      </p>
      <Button onClick={() => void startSession()}>
        <FormattedMessage id="answer.retry" />
      </Button>
    </Screen>
  );
}
