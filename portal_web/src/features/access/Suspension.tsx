import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAct } from '../../gql/useAct';
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
  const suspend = useAct(SuspendMutation);
  const reactivate = useAct(ReactivateMutation);
  const [sure, setSure] = useState(false);
  const out = status === 'SUSPENDED';
  const { running, refusals, act } = out ? reactivate : suspend;

  async function run() {
    await act({ id });
    setSure(false);
  }

  const word = out ? 'person.reactivate' : sure ? 'person.suspend.sure' : 'person.suspend';
  return (
    <>
      <Refusals of={refusals} />
      <Button
        variant={sure ? 'filled' : 'default'}
        size={small ? 'xs' : 'sm'}
        loading={running}
        aria-label={small && intl.formatMessage({ id: `${word}.of` }, { name })}
        onClick={() => (out || sure ? void run() : setSure(true))}
        onBlur={() => setSure(false)}
      >
        <FormattedMessage id={word} />
      </Button>
    </>
  );
}
