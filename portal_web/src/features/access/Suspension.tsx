import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useCommand, type Refusal } from '../../gql/useCommand';
import { Refusals } from '../../ui/Refusals';

export const SuspensionFragment = graphql(`
  fragment Suspension_user on User {
    id
    suspensionName: name
    suspensionStatus: status
  }
`);

const SuspendMutation = graphql(`
  mutation Suspend($id: ID!) {
    suspendUser(input: { id: $id }) {
      user {
        id
        status
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

const ReactivateMutation = graphql(`
  mutation Reactivate($id: ID!) {
    reactivateUser(input: { id: $id }) {
      user {
        id
        status
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

interface SuspensionProps {
  user: FragmentOf<typeof SuspensionFragment>;
  small?: true;
}

/** Shuts somebody out, or lets them in again with the rights they had. Shutting out is asked for twice. */
export function Suspension({ user: masked, small }: SuspensionProps) {
  const intl = useIntl();
  const { id, suspensionName: name, suspensionStatus: status } = readFragment(SuspensionFragment, masked);
  const suspend = useCommand(SuspendMutation);
  const reactivate = useCommand(ReactivateMutation);
  const [sure, setSure] = useState(false);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const out = status === 'SUSPENDED';
  const act = out ? reactivate : suspend;

  async function run() {
    const outcome = await act.run({ id });
    setSure(false);
    setRefusals(outcome.is === 'done' ? undefined : outcome.is === 'refused' ? outcome.refusals : []);
  }

  const word = out ? 'person.reactivate' : sure ? 'person.suspend.sure' : 'person.suspend';
  return (
    <>
      <Refusals of={refusals} />
      <Button
        variant={sure ? 'filled' : 'default'}
        size={small ? 'xs' : 'sm'}
        loading={act.running}
        aria-label={small && intl.formatMessage({ id: `${word}.of` }, { name })}
        onClick={() => (out || sure ? void run() : setSure(true))}
        onBlur={() => setSure(false)}
      >
        <FormattedMessage id={word} />
      </Button>
    </>
  );
}
