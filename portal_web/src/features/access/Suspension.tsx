import { readFragment, type FragmentOf } from 'gql.tada';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAct } from '../../gql/useAct';
import { ActButton } from '../../ui/ActButton';
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

type Words = 'person.reactivate' | 'person.suspend' | 'person.suspend.sure';

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
  const out = status === 'SUSPENDED';
  const { running, refusals, act } = out ? reactivate : suspend;

  return (
    <>
      <Refusals of={refusals} />
      <ActButton<Words>
        name={out ? 'person.reactivate' : 'person.suspend'}
        sure={out ? undefined : 'person.suspend.sure'}
        running={running}
        act={() => act({ id })}
        small={small}
        spoken={small && ((words) => intl.formatMessage({ id: `${words}.of` }, { name }))}
      />
    </>
  );
}
