import {
  createClient,
  fetchExchange,
  mapExchange,
  subscriptionExchange,
  type Client,
  type CombinedError,
  type ExecutionResult,
  type Operation,
} from '@urql/core';
import { Kind } from 'graphql';

import { forbiddenExchange } from '../gql/forbidden';
import { normalizedCache } from '../gql/cache';
import type { Socket } from './socket';
import { fetchByName, reloadOnce } from './trusted';

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
    fetch: fetchByName,
    fetchOptions: { headers: HEADERS, credentials: 'same-origin' },
    exchanges: [
      normalizedCache(),
      forbiddenExchange,
      mapExchange({
        onError: (error) => {
          if (isSignedOut(error)) onSignedOut();
          if (isOutdated(error)) reloadOnce();
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }, operation) => ({
          subscribe: (sink) => {
            let open = true;
            let last = Promise.resolve();
            const stop = socket.subscribe(
              { operationName: nameOf(operation), query, variables: variables as Record<string, unknown> },
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

function nameOf({ query }: Operation): string {
  const named = query.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  return (named && 'name' in named && named.name?.value) || '';
}

/** A later build of the portal is served by now, and does not know this page's documents. */
function isOutdated(error: CombinedError): boolean {
  return error.graphQLErrors.some((one) => one.extensions['code'] === 'DOCUMENT_UNKNOWN');
}

export function isSignedOut(error: CombinedError): boolean {
  const { status } = (error.response ?? {}) as Partial<Response>;
  return status === 401 || error.graphQLErrors.some((one) => one.extensions['code'] === 'UNAUTHENTICATED');
}
