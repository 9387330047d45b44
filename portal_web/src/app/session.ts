import type { Client } from '@urql/core';
import type { ResultOf } from 'gql.tada';

import type { Connection } from '../features/access/connection';
import type { Sentence } from '../features/access/difference';
import { keepFocus } from '../features/access/keepFocus';
import { signOut } from '../features/session/signIn';
import type { Era } from '../gql/era';
import { graphql } from '../gql/graphql';
import { createStore, type Store } from '../ui/store';
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
      tenant {
        id
        name
      }
    }
  }
`);

export type Who = ResultOf<typeof WhoQuery>['viewer'];

/** A signed-in viewer's client, cache and socket. */
export interface Present {
  is: 'present';
  who: Who;
  era: Store<{ client: Client; era: Era }>;
  connection: Store<Connection>;
  notice: Store<{ number: number; sentences: Sentence[] }>;
  socket: Socket;
}

export type Session = { is: 'starting' } | { is: 'unreachable' } | { is: 'out'; ended: boolean } | Present;

export const session = createStore<Session>({ is: 'starting' });

/** Finds out who is there, and makes everything a viewer needs; asked again after signing in. */
export async function startSession(): Promise<void> {
  session.set({ is: 'starting' });
  const present = createPresent();
  const { data, error } = await present.era.get().client.query(WhoQuery, {});
  if (data) return session.set({ ...present, who: data.viewer });
  present.socket.close();
  return session.set(error && isSignedOut(error) ? { is: 'out', ended: false } : { is: 'unreachable' });
}

let leaving = false;

/** Signs out. If the server cannot be told, the session goes on: the cookie would still be good. */
export async function leaveSession(): Promise<void> {
  leaving = true;
  if (await signOut()) endSession();
  leaving = false;
}

/** Lets go of everything that was read. Whoever did not leave by themselves is told that they are out. */
function endSession(): void {
  const now = session.get();
  if (now.is !== 'present') return;
  now.socket.close();
  session.set({ is: 'out', ended: !leaving });
}

function createPresent(): Omit<Present, 'who'> {
  const connection = createStore<Connection>('connecting');
  const notice = createStore<{ number: number; sentences: Sentence[] }>({ number: 0, sentences: [] });
  const lists = createStore(0);
  const socket = openSocket(socketUrl(), connection, { onEnded: endSession, onUnreachable: () => probe(eraOf(0)) });
  const judge = createJudge({
    tell: (sentences) => notice.set({ number: notice.get().number + 1, sentences }),
    beforeLoss: keepFocus,
    nextEra: () => era.set(eraOf(era.get().era.number + 1)),
    nextLists: () => lists.set(lists.get() + 1),
  });
  const eraOf = (number: number) => ({
    client: createPortalClient({ socket, onSignedOut: endSession, beforePush: judge }),
    era: { number, lists },
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
