import type { Client } from '@urql/core';

import { ask, settled } from '../auth/ask';
import type { Connection } from '../features/access/connection';
import type { Sentence } from '../features/access/difference';
import { keepFocus } from '../features/access/keepFocus';
import type { Who } from '../features/access/who';
import { doorError, forgetLink, linkAt, type Link } from '../features/session/link';
import type { Beginning, Era } from '../gql/era';
import { graphql } from '../gql/graphql';
import { createStore, type Store } from '../ui/store';
import { beginVisit } from '../ui/visits';
import { createPortalClient, isSignedOut } from './client';
import { createJudge } from './live';
import { openSocket, type Socket } from './socket';

const WhoQuery = graphql(`
  query Who {
    viewer {
      id
      name
      email
      kind
      user {
        id
      }
      tenant {
        id
        name
      }
      viewedBy {
        name
      }
    }
  }
`);

/** A signed-in viewer's client, cache and socket. */
export interface Present {
  is: 'present';
  who: Who;
  era: Store<{ client: Client; era: Era }>;
  connection: Store<Connection>;
  notice: Store<{ number: number; sentences: Sentence[] }>;
  socket: Socket;
}

/** Somebody is there, but has to do something before they are let in. */
export interface Needy {
  is: 'needy';
  need: 'SECOND_FACTOR' | 'NEW_PASSWORD' | 'FACTOR_ENROLMENT';
  factors: { totp: boolean; passkeys: number };
}

interface Out {
  is: 'out';
  /** The session was ended elsewhere. */
  ended: boolean;
  /** Why single sign-on led back. */
  error?: string | undefined;
}

export type Session = { is: 'starting' } | { is: 'unreachable' } | Out | Needy | Present;

export const session = createStore<Session>({ is: 'starting' });

/** What a letter's link has led to, until that is done. */
export const link = createStore<Link | undefined>(undefined);

/** Reads the address the page was opened at, takes out of it what must not stay, and finds out who is there. */
export function open(): void {
  const { pathname, hash } = location;
  const error = doorError(pathname, hash);
  link.set(linkAt(pathname, hash));
  if (link.get() ?? pathname === '/sign-in') forgetLink();
  void startSession(error);
}

/** Finds out who is there, and makes everything a viewer needs; asked again after signing in. */
export async function startSession(error?: string): Promise<void> {
  session.set({ is: 'starting' });
  const present = createPresent();
  const { data, error: failure } = await present.era.get().client.query(WhoQuery, {});
  if (data) {
    beginVisit(data.viewer.id);
    return session.set({ ...present, who: data.viewer });
  }
  present.socket.close();
  if (!failure || !isSignedOut(failure)) return session.set({ is: 'unreachable' });
  return session.set((await needy()) ?? { is: 'out', ended: false, error });
}

interface SessionReply {
  needs: Needy['need'] | null;
  factors: Needy['factors'] | null;
}

/** A session that is still in need of something is nobody to the graph; only /auth knows it. */
async function needy(): Promise<Needy | undefined> {
  const reply = await ask<SessionReply>('/auth/session');
  if (reply.is === 'refused' || !reply.body.needs) return undefined;
  return { is: 'needy', need: reply.body.needs, factors: reply.body.factors ?? { totp: true, passkeys: 0 } };
}

/** Shows the viewer under the name they go by from now on. */
export function rename(name: string): void {
  const now = session.get();
  if (now.is === 'present') session.set({ ...now, who: { ...now.who, name } });
}

let leaving = false;

/** Signs out. If the server cannot be told, the session goes on: the cookie would still be good. */
export async function leaveSession(): Promise<void> {
  leaving = true;
  const reply = await ask<{ redirect?: string | null }>('/auth/sign-out', {});
  const gone = reply.is === 'ok' || reply.code === 'UNAUTHENTICATED';
  // The identity provider is told by the browser itself, by going there.
  if (reply.is === 'ok' && reply.body.redirect) location.assign(reply.body.redirect);
  if (gone) endSession();
  leaving = false;
}

/** So soon after it was found to be there a session cannot have been renewed again. */
const TOO_SOON = 3000;

let renewedAt = 0;

/**
 * The session that was presented is over. It may have been renewed in this very browser, as by a new password; then the
 * page stays, and goes on under the new one.
 */
async function ended(goOn: () => void): Promise<void> {
  await settled();
  const now = session.get();
  if (now.is !== 'present') return;
  const reply = leaving ? undefined : await ask<{ signedIn: boolean; user: { id: string } | null }>('/auth/session');
  const there = reply?.is === 'ok' && reply.body.signedIn && Date.now() - renewedAt > TOO_SOON;
  if (!there) return endSession();
  renewedAt = Date.now();
  if (reply.body.user?.id !== now.who.user?.id) return startSession();
  return goOn();
}

/** Lets go of everything that was read. Whoever did not leave by themselves is told that they are out. */
function endSession(): void {
  const now = session.get();
  if (now.is === 'present') now.socket.close();
  if (now.is === 'present' || now.is === 'needy') session.set({ is: 'out', ended: !leaving });
}

function createPresent(): Omit<Present, 'who'> {
  const connection = createStore<Connection>('connecting');
  const notice = createStore<{ number: number; sentences: Sentence[] }>({ number: 0, sentences: [] });
  const lists = createStore(0);
  const socket = openSocket(socketUrl(), connection, { onEnded: () => void ended(goOn), onUnreachable: () => probe(eraOf(0)) });
  const judge = createJudge({
    tell: (sentences) => notice.set({ number: notice.get().number + 1, sentences }),
    beforeLoss: keepFocus,
    nextEra: (began) => era.set(eraOf(era.get().era.number + 1, began)),
    nextLists: () => lists.set(lists.get() + 1),
  });
  const goOn = () => {
    socket.retryNow();
    era.set(eraOf(era.get().era.number + 1));
  };
  const eraOf = (number: number, began: Beginning = 'rights') => ({
    client: createPortalClient({ socket, onSignedOut: () => void ended(goOn), beforePush: judge }),
    era: { number, began, lists },
  });
  const era: Present['era'] = createStore(eraOf(1));
  return { is: 'present', era, connection, notice, socket };
}

/** A socket that cannot be opened may mean that the session is over; only an ordinary request is told so. */
function probe({ client }: { client: Client }): void {
  void client.query(WhoQuery, {}, { requestPolicy: 'network-only' });
}

function socketUrl(): string {
  return `${location.origin.replace(/^http/, 'ws')}/graphql`;
}
