import {
  createClient,
  fetchExchange,
  mapExchange,
  subscriptionExchange,
  type Client,
  type CombinedError,
  type ExecutionResult,
} from '@urql/core';

import { forbiddenExchange } from '../gql/forbidden';
import { normalizedCache } from '../gql/cache';
import type { Socket } from './socket';

const HEADERS = { 'X-Portico-Client': 'portal', Accept: 'application/graphql-response+json, application/json;q=0.9' };

interface Connections {
  socket: Socket;
  onSignedOut: () => void;
  /** Told of every push before the page shows it; resolves when it may. */
  beforePush: (data: unknown) => Promise<void>;
}

/** A client with an empty cache; one for each era of the viewer's rights. */
export function createPortalClient({ socket, onSignedOut, beforePush }: Connections): Client {
  return createClient({
    url: '/graphql',
    preferGetMethod: false,
    fetchOptions: { headers: HEADERS, credentials: 'same-origin' },
    exchanges: [
      normalizedCache(),
      forbiddenExchange,
      mapExchange({ onError: (error) => isSignedOut(error) && onSignedOut() }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => {
            let open = true;
            let last = Promise.resolve();
            const stop = socket.subscribe(
              { query, variables: variables as Record<string, unknown> },
              {
                // One after the other: a push must not overtake the one that is still being announced.
                next: (result) => {
                  last = last.then(() => beforePush(result.data)).then(() => (open ? sink.next(result as ExecutionResult) : undefined));
                },
                error: (reason) => open && sink.error(reason),
                complete: () => open && sink.complete(),
              },
            );
            return {
              unsubscribe: () => {
                open = false;
                stop();
              },
            };
          },
        }),
      }),
    ],
  });
}

export function isSignedOut(error: CombinedError): boolean {
  const { status } = (error.response ?? {}) as Partial<Response>;
  return status === 401 || error.graphQLErrors.some((one) => one.extensions['code'] === 'UNAUTHENTICATED');
}
