import { useCallback, useState } from 'react';
import type { AnyVariables, TypedDocumentNode } from 'urql';

import { useCommand, type Answered, type Outcome, type Refusal } from './useCommand';

/** A command of which nothing has to be kept but why it was refused, for `<Refusals>` beside the button that runs it. */
export function useAct<Payload extends Answered, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Record<string, Payload>, Variables>,
): { running: boolean; refusals: readonly Refusal[] | undefined; act: (variables: Variables) => Promise<Outcome<Payload>> } {
  const { running, run } = useCommand(mutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const act = useCallback(
    async (variables: Variables) => {
      const outcome = await run(variables);
      setRefusals(outcome.is === 'done' ? undefined : outcome.is === 'refused' ? outcome.refusals : []);
      return outcome;
    },
    [run],
  );
  return { running, refusals, act };
}
