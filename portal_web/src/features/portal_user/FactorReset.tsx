import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAct } from '../../gql/useAct';
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
  const [sure, setSure] = useState(false);
  const [done, setDone] = useState(false);

  async function reset() {
    const outcome = await act({ id: user });
    setSure(false);
    setDone(outcome.is === 'done');
  }

  return (
    <>
      <Refusals of={refusals} />
      <span role="status">{done && <FormattedMessage id="people.factors.done" />}</span>
      <Button
        variant={sure ? 'filled' : 'default'}
        loading={running}
        onClick={() => (sure ? void reset() : setSure(true))}
        onBlur={() => setSure(false)}
      >
        <FormattedMessage id={sure ? 'people.factors.sure' : 'people.factors.reset'} />
      </Button>
    </>
  );
}
