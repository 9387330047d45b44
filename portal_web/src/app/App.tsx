import { RouterProvider } from '@tanstack/react-router';
import { Button } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';
import { Provider } from 'urql';

import { ConnectionContext } from '../features/access/connection';
import { WhoContext } from '../features/access/who';
import { SignedOutPage } from '../features/session/SignedOutPage';
import { SignInPage } from '../features/session/SignInPage';
import { EraContext } from '../gql/era';
import { PageHeading } from '../ui/PageHeading';
import { Screen } from '../ui/Screen';
import { useStore } from '../ui/store';
import { Announcements } from './Announcements';
import { router } from './router';
import { link, session, startSession, type Present } from './session';

// The push names the fields of every page, so it is not part of what the door loads.
const Live = lazy(async () => ({ default: (await import('./Live')).Live }));
// Few come by these doors, and each of them seldom.
const LinkRoom = lazy(async () => ({ default: (await import('./LinkRoom')).LinkRoom }));
const NeedRoom = lazy(async () => ({ default: (await import('./NeedRoom')).NeedRoom }));

/** Whatever the address and the state of the session ask for. */
export function App() {
  const opened = useStore(link);
  return <Suspense fallback={<Starting />}>{opened ? <LinkRoom link={opened} /> : <Room />}</Suspense>;
}

/** The address stays, so signing in leads to what was wanted. */
function Room() {
  const now = useStore(session);
  switch (now.is) {
    case 'starting':
      return <Starting />;
    case 'unreachable':
      return <Unreachable />;
    case 'out':
      if (now.ended) return <SignedOutPage onAgain={() => session.set({ is: 'out', ended: false })} />;
      return <SignInPage error={now.error} onSignedIn={() => void startSession()} />;
    case 'needy':
      return <NeedRoom now={now} />;
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
