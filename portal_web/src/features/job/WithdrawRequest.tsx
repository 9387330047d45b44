import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAct } from '../../gql/useAct';
import { Refusals } from '../../ui/Refusals';
import { useWho } from '../access/who';

export const WithdrawRequestFragment = graphql(`
  fragment WithdrawRequest_job on Job {
    id
    jobStatus: status
    viewerPermissions
    requestedBy {
      id
    }
  }
`);

const WithdrawJobRequestMutation = graphql(`
  mutation WithdrawJobRequest($id: ID!) {
    withdrawJobRequest(input: { id: $id }) {
      job {
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

/** Takes back what one has asked for, as long as nobody has begun to plan it. */
export function WithdrawRequest({ job: masked }: { job: FragmentOf<typeof WithdrawRequestFragment> }) {
  const who = useWho();
  const job = readFragment(WithdrawRequestFragment, masked);
  const { running, refusals, act } = useAct(WithdrawJobRequestMutation);
  const own = job.requestedBy !== null && job.requestedBy.id === who?.user?.id;
  if (job.jobStatus !== 'REQUESTED' || !own || who?.viewedBy) return null;

  return (
    <div>
      <Refusals of={refusals} />
      <Button variant="default" loading={running} onClick={() => void act({ id: job.id })}>
        <FormattedMessage id="job.withdraw" />
      </Button>
    </div>
  );
}
