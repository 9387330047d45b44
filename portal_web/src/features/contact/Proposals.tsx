import { Button } from '@mantine/core';
import { readFragment, type FragmentOf, type ResultOf } from 'gql.tada';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAct } from '../../gql/useAct';
import list from '../../ui/list.module.css';
import { Refusals } from '../../ui/Refusals';
import { Status, type Tone } from '../../ui/Status';
import { ago } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import { useWho } from '../access/who';
import styles from './proposal.module.css';

export const ProposalFragment = graphql(`
  fragment Proposal_changeRequest on ChangeRequest {
    id
    changeStatus: status
    changedFields
    proposedName: name
    jobTitle
    email
    phone
    privatePhone
    proposedChannel: preferredChannel
    reason
    createdAt
    proposedBy {
      id
      name
    }
  }
`);

const WithdrawChangeMutation = graphql(`
  mutation WithdrawChange($id: ID!) {
    withdrawChange(input: { id: $id }) {
      changeRequest {
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

const TONES: Record<ReturnType<typeof graphql.scalar<'ChangeRequestStatus'>>, Tone> = {
  PENDING: 'busy',
  APPROVED: 'good',
  DECLINED: 'warm',
  WITHDRAWN: 'quiet',
};

/** A change that somebody has suggested, and what became of it. */
export function Proposal({ proposal: masked }: { proposal: FragmentOf<typeof ProposalFragment> }) {
  const { locale } = useIntl();
  const who = useWho();
  const now = useMinute();
  const proposal = readFragment(ProposalFragment, masked);
  const { changeStatus, changedFields, reason, createdAt, proposedBy } = proposal;
  return (
    <li className={`${list['row']} ${styles['proposal']}`}>
      <span className={list['meta']}>
        <Status tone={TONES[changeStatus]}>
          <FormattedMessage id={`change.status.${changeStatus}`} />
        </Status>
        {proposedBy && <span>{proposedBy.name}</span>}
        <time dateTime={createdAt}>{ago(createdAt, now, locale)}</time>
      </span>
      <dl className={styles['changes']}>
        {changedFields.map((field) => (
          <div key={field}>
            <dt>
              <FormattedMessage id={`contact.field.${field}`} />
            </dt>
            <dd>
              <Value proposal={proposal} field={field} />
            </dd>
          </div>
        ))}
      </dl>
      {reason && (
        <p>
          <FormattedMessage id="change.reason" values={{ reason }} />
        </p>
      )}
      {changeStatus === 'PENDING' && proposedBy && proposedBy.id === who?.user?.id && !who.viewedBy && <Withdraw id={proposal.id} />}
    </li>
  );
}

interface ValueProps {
  proposal: ResultOf<typeof ProposalFragment>;
  field: ReturnType<typeof graphql.scalar<'ContactField'>>;
}

function Value({ proposal, field }: ValueProps) {
  switch (field) {
    case 'NAME':
      return proposal.proposedName;
    case 'JOB_TITLE':
      return proposal.jobTitle ?? <FormattedMessage id="change.removed" />;
    case 'EMAIL':
      return proposal.email ?? <FormattedMessage id="change.removed" />;
    case 'PHONE':
      return proposal.phone ?? <FormattedMessage id="change.removed" />;
    case 'PRIVATE_PHONE':
      return proposal.privatePhone ?? <FormattedMessage id="forbidden.short" />;
    case 'PREFERRED_CHANNEL':
      return proposal.proposedChannel && <FormattedMessage id={`contact.channel.${proposal.proposedChannel}`} />;
  }
}

function Withdraw({ id }: { id: string }) {
  const { running, refusals, act } = useAct(WithdrawChangeMutation);
  return (
    <div>
      <Refusals of={refusals} />
      <Button variant="default" size="xs" loading={running} onClick={() => void act({ id })}>
        <FormattedMessage id="change.withdraw" />
      </Button>
    </div>
  );
}
