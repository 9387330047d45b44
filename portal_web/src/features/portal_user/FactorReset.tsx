import { Button } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useCommand, type Refusal } from '../../gql/useCommand';
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
  const { running, run } = useCommand(ResetFactorsMutation);
  const [sure, setSure] = useState(false);
  const [done, setDone] = useState(false);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();

  async function reset() {
    const outcome = await run({ id: user });
    setSure(false);
    setDone(outcome.is === 'done');
    setRefusals(outcome.is === 'done' ? undefined : outcome.is === 'refused' ? outcome.refusals : []);
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
