import { ConfirmEmailPage } from '../features/session/ConfirmEmailPage';
import { InvitationPage } from '../features/session/InvitationPage';
import type { Link } from '../features/session/link';
import { ResetPage } from '../features/session/ResetPage';
import { link, startSession } from './session';

/** What a letter's link leads to, whoever is signed in on this browser. */
export function LinkRoom({ link: { to, token } }: { link: Link }) {
  const leave = () => link.set(undefined);
  const enter = () => {
    void startSession();
    leave();
  };
  switch (to) {
    case 'invitation':
      return <InvitationPage token={token} onSignedIn={enter} onLeave={leave} />;
    case 'reset':
      return <ResetPage token={token} onSignedIn={enter} onLeave={leave} />;
    case 'confirm':
      return <ConfirmEmailPage token={token} onLeave={enter} />;
  }
}
