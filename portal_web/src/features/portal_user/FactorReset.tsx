import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAct } from '../../gql/useAct';
import { ActButton } from '../../ui/ActButton';
import { Refusals } from '../../ui/Refusals';

const ResetFactorsMutation = graphql(`
  mutation ResetFactors($id: ID!) {
    resetSecondFactors(input: { id: $id }) {
      user {
        id
        openSessions
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

/** Lets somebody in with their password alone, who has lost what they had beside it. It is asked for twice. */
export function FactorReset({ user }: { user: string }) {
  const { running, refusals, act } = useAct(ResetFactorsMutation);
  const [done, setDone] = useState(false);

  async function reset() {
    const outcome = await act({ id: user });
    setDone(outcome.is === 'done');
  }

  return (
    <>
      <Refusals of={refusals} />
      <span role="status">{done && <FormattedMessage id="people.factors.done" />}</span>
      <ActButton name="people.factors.reset" sure="people.factors.sure" running={running} act={reset} />
    </>
  );
}
