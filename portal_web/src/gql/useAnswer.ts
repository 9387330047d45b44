import { useEffect, useMemo, useRef, useState } from 'react';
import { useQuery, type AnyVariables, type RequestPolicy, type TypedDocumentNode } from 'urql';

import type { AnswerState } from '../ui/Answer';
import { useEra, useListsVersion } from './era';

/** How long a view may go on showing what was read under the viewer's earlier rights. */
const HOLD = 1000;

/** Runs a query and tells in one word how it stands, for `<Answer>`, the only reader of it. */
export function useAnswer<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): AnswerState<Data> {
  return useQueryState(query, variables)[0];
}

/** The same for a list: fetched again when rows may have come or gone. */
export function useListAnswer<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): AnswerState<Data> {
  return useFollowed(useQueryState(query, variables));
}

/** The same for what is worked out anew for each question: nothing kept from an earlier one is shown as its answer. */
export function useFreshAnswer<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): AnswerState<Data> {
  return useFollowed(useQueryState(query, variables, 'network-only'));
}

function useFollowed<Data>([state, refetch]: [AnswerState<Data>, () => void]): AnswerState<Data> {
  const version = useListsVersion();
  const seen = useRef(version);
  useEffect(() => {
    if (seen.current === version) return;
    seen.current = version;
    refetch();
  }, [version, refetch]);
  return state;
}

function useQueryState<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  requestPolicy: RequestPolicy = 'cache-first',
): [AnswerState<Data>, () => void] {
  const { number: era, began } = useEra();
  const context = useMemo(() => ({ era }), [era]);
  const [result, execute] = useQuery<Data, AnyVariables>({ query, variables, context, requestPolicy });
  const refetch = useMemo(() => () => execute({ era, requestPolicy: 'network-only' }), [era, execute]);
  const current = result.operation?.context['era'] === era;
  const held = useHold(era, !current) || began === 'stream';
  if (result.error && current) {
    return [{ is: 'failed', code: errorCode(result.error.graphQLErrors), retry: refetch }, refetch];
  }
  if (result.data === undefined || (!current && !held)) return [{ is: 'loading' }, refetch];
  return [{ is: 'ready', data: result.data, refreshing: result.fetching || result.stale || !current }, refetch];
}

/** True for a second after an era began, then false: better a skeleton than something that may no longer be seen. */
function useHold(era: number, needed: boolean): boolean {
  const [expired, setExpired] = useState<number | null>(null);
  useEffect(() => {
    if (!needed) return undefined;
    const timer = setTimeout(() => setExpired(era), HOLD);
    return () => clearTimeout(timer);
  }, [era, needed]);
  return expired !== era;
}

function errorCode(errors: readonly { extensions: Record<string, unknown> }[]): string {
  const code = errors[0]?.extensions['code'];
  return typeof code === 'string' ? code : 'UNREACHABLE';
}
