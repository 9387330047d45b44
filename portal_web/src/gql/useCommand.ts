import { use, useCallback } from 'react';
import { useMutation, type AnyVariables, type TypedDocumentNode } from 'urql';

import { EraContext } from './era';

/** Why a command was refused, in words, and at which input field if at one. */
export interface Refusal {
  field: string | null;
  code: string;
  message: string;
}

export type Outcome<Payload> = { is: 'done'; payload: Payload } | { is: 'refused'; refusals: Refusal[] } | { is: 'failed' };

export interface Answered {
  userErrors: readonly { field: readonly string[] | null; code: string; message: string }[];
}

/** Reads the one payload of a mutation: done, refused by a rule, or failed on the way. */
export function outcomeOf<Payload extends Answered>(
  data: Record<string, Payload> | undefined,
  error: unknown,
): Outcome<Payload> {
  const payload = data && Object.values(data).find((value) => typeof value === 'object');
  if (error || !payload) return { is: 'failed' };
  if (payload.userErrors.length === 0) return { is: 'done', payload };
  return {
    is: 'refused',
    refusals: payload.userErrors.map(({ field, code, message }) => ({ field: field?.join('.') ?? null, code, message })),
  };
}

/**
 * Runs a mutation with one payload that has `userErrors`; `running` is for the button that started it. When it is done,
 * lists are fetched again: a row may have come or gone by it.
 */
export function useCommand<Payload extends Answered, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Record<string, Payload>, Variables>,
): { running: boolean; run: (variables: Variables) => Promise<Outcome<Payload>> } {
  const [{ fetching }, execute] = useMutation(mutation);
  const { lists } = use(EraContext);
  const run = useCallback(
    async (variables: Variables) => {
      const { data, error } = await execute(variables);
      const outcome = outcomeOf(data, error);
      if (outcome.is === 'done') lists.set(lists.get() + 1);
      return outcome;
    },
    [execute, lists],
  );
  return { running: fetching, run };
}
