import { createClient, type ExecutionResult, type Sink, type SubscribePayload } from 'graphql-ws';

import type { Connection } from '../features/access/connection';
import type { Store } from '../ui/store';
import { createOffsets } from './offsets';
import { afterClose } from './reconnect';
import { byName, type Sent } from './trusted';

const PING_EVERY = 15_000;
const PONG_WITHIN = 8000;
/** A connection that lasted this long was a good one; the next failure starts with a short wait again. */
const STEADY_AFTER = 5000;

export interface Socket {
  subscribe: (payload: SubscribePayload, sink: Sink<ExecutionResult>) => () => void;
  retryNow: () => void;
  close: () => void;
}

interface Events {
  onEnded: () => void;
  /** The server could not be reached at all: signed out, or no network? The browser does not tell. */
  onUnreachable: () => void;
}

/** The one socket of a signed-in viewer. graphql-ws does not retry here: a resumed stream needs new variables. */
export function openSocket(url: string, connection: Store<Connection>, events: Events): Socket {
  const offsets = createOffsets();
  const waiting = new Set<() => void>();
  let attempt = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let steadyTimer: ReturnType<typeof setTimeout> | undefined;
  let pongTimer: ReturnType<typeof setTimeout> | undefined;

  const client = createClient({
    url,
    retryAttempts: 0,
    lazyCloseTimeout: 3000,
    keepAlive: PING_EVERY,
    connectionParams: {},
    // graphql-ws insists on a text; the name takes its place on the way out.
    jsonMessageReplacer: (key, value: unknown) => (key === 'payload' && isOperation(value) ? byName(value) : value),
    on: {
      connected: () => {
        connection.set('live');
        retryNow();
        steadyTimer = setTimeout(() => (attempt = 0), STEADY_AFTER);
      },
      closed: (event) => closed(event as CloseEvent),
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), PONG_WITHIN);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
    },
  });

  function closed(event: CloseEvent): void {
    clearTimeout(steadyTimer);
    clearTimeout(pongTimer);
    // Nothing is subscribed any more: the client itself let the socket go.
    if (event.code === 1000) return;
    const next = afterClose(event.code, attempt);
    if (next.is === 'ended') events.onEnded();
    if (next.is === 'refused') connection.set('refused');
    if (next.is !== 'retry') return;
    if (connection.get() !== 'live') events.onUnreachable();
    attempt += 1;
    connection.set('reconnecting');
    clearTimeout(retryTimer);
    retryTimer = setTimeout(retryNow, next.after);
  }

  function retryNow(): void {
    clearTimeout(retryTimer);
    const runs = [...waiting];
    waiting.clear();
    for (const run of runs) run();
  }

  function subscribe(payload: SubscribePayload, sink: Sink<ExecutionResult>): () => void {
    const variables = payload.variables ?? {};
    let stop = () => {};
    const run = () => {
      stop = client.subscribe<Record<string, unknown>>(
        { ...payload, variables: offsets.resume(variables) },
        {
          next: (result) => {
            offsets.note(variables, result);
            sink.next(result as ExecutionResult);
          },
          error: (reason) => (isClose(reason) ? waiting.add(run) : sink.error(reason)),
          complete: () => sink.complete(),
        },
      );
    };
    run();
    return () => {
      waiting.delete(run);
      stop();
    };
  }

  return {
    subscribe,
    retryNow,
    close: () => {
      clearTimeout(retryTimer);
      waiting.clear();
      void client.dispose();
    },
  };
}

function isOperation(payload: unknown): payload is Sent {
  return typeof payload === 'object' && payload !== null && 'query' in payload;
}

function isClose(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'code' in reason && 'reason' in reason;
}
