import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { useCommand, type Outcome, type Refusal } from '../../gql/useCommand';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { Refusals } from '../../ui/Refusals';
import { Status } from '../../ui/Status';
import table from '../../ui/table.module.css';
import { TableRows } from '../../ui/TableRows';
import { ago } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';

const InvitationFragment = graphql(`
  fragment Invitation_invitation on Invitation {
    id
    delivery
    expired
    expiresAt
    createdAt
    sentAt
    failedAt
    user {
      id
      name
      email
    }
    invitedBy {
      id
      name
    }
  }
`);

const PendingInvitationsQuery = graphql(
  `
    query PendingInvitations($id: ID!, $after: String) {
      node(id: $id) {
        __typename
        id
        ... on Organization {
          invitations(first: 30, after: $after, filter: { status: [PENDING] }) {
            nodes {
              id
              ...Invitation_invitation
            }
            pageInfo {
              hasNextPage
              endCursor
            }
          }
        }
      }
    }
  `,
  [InvitationFragment],
);

const ResendInvitationMutation = graphql(`
  mutation ResendInvitation($id: ID!) {
    resendInvitation(input: { id: $id }) {
      invitation {
        id
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

const CancelInvitationMutation = graphql(`
  mutation CancelInvitation($id: ID!) {
    cancelInvitation(input: { id: $id }) {
      invitation {
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

interface InvitationsProps {
  organization: string;
  mayInvite: boolean;
  after?: string;
}

/** Who was invited and has not come yet. */
export function Invitations({ organization, mayInvite, after }: InvitationsProps) {
  const answer = useListAnswer(PendingInvitationsQuery, { id: organization, after: after ?? null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ node }) => !after && (node?.__typename !== 'Organization' || node.invitations.nodes.length === 0),
        show: <Empty title="invitations.none.title" text="invitations.none.text" />,
      }}
    >
      {({ node }) =>
        node?.__typename === 'Organization' && (
          <TableRows
            pageInfo={node.invitations.pageInfo}
            next={(cursor) => <Invitations organization={organization} mayInvite={mayInvite} after={cursor} />}
          >
            {node.invitations.nodes.map((invitation) => (
              <Pending key={invitation.id} invitation={invitation} mayInvite={mayInvite} />
            ))}
          </TableRows>
        )
      }
    </Answer>
  );
}

interface PendingProps {
  invitation: FragmentOf<typeof InvitationFragment>;
  mayInvite: boolean;
}

function Pending({ invitation: masked, mayInvite }: PendingProps) {
  const { locale, formatMessage } = useIntl();
  const now = useMinute();
  const invitation = readFragment(InvitationFragment, masked);
  const { id, user, invitedBy, delivery, createdAt } = invitation;
  const again = useCommand(ResendInvitationMutation);
  const off = useCommand(CancelInvitationMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const name = user?.name ?? '';

  async function done(outcome: Promise<Outcome<unknown>>) {
    const became = await outcome;
    setRefusals(became.is === 'done' ? undefined : became.is === 'refused' ? became.refusals : []);
  }

  return (
    <li className={table['row']} data-testid="invitation" data-id={id}>
      <span className={table['who']}>
        <strong>{name}</strong>
        <span>{user?.email}</span>
      </span>
      <span className={table['cell']}>
        <FormattedMessage id={`invitations.delivery.${delivery}`} />
        <span className={table['when']}>
          {invitedBy ? (
            <FormattedMessage id="invitations.by" values={{ name: invitedBy.name, ago: ago(createdAt, now, locale) }} />
          ) : (
            ago(createdAt, now, locale)
          )}
        </span>
      </span>
      <span className={table['cell']}>
        <State invitation={invitation} />
        <span className={table['when']}>
          <FormattedMessage
            id={invitation.expired ? 'invitations.expired' : 'invitations.expires'}
            values={{ when: ago(invitation.expiresAt, now, locale) }}
          />
        </span>
      </span>
      <span className={table['acts']}>
        {mayInvite && (
          <>
            <Button
              variant="default"
              size="xs"
              loading={again.running}
              aria-label={formatMessage({ id: 'invitations.resend.to' }, { name })}
              onClick={() => void done(again.run({ id }))}
            >
              <FormattedMessage id="invitations.resend" />
            </Button>
            <Button
              variant="default"
              size="xs"
              loading={off.running}
              aria-label={formatMessage({ id: 'invitations.cancel.of' }, { name })}
              onClick={() => void done(off.run({ id }))}
            >
              <FormattedMessage id="form.cancel" />
            </Button>
          </>
        )}
      </span>
      <span className={table['below']}>{refusals && <Refusals of={refusals} />}</span>
    </li>
  );
}

interface StateProps {
  invitation: { expired: boolean; sentAt: string | null; failedAt: string | null };
}

function State({ invitation: { expired, sentAt, failedAt } }: StateProps) {
  const state = expired ? 'lapsed' : failedAt ? 'failed' : sentAt ? 'sent' : 'sending';
  return (
    <Status tone={state === 'sent' ? 'calm' : state === 'sending' ? 'busy' : 'warm'}>
      <FormattedMessage id={`invitations.state.${state}`} />
    </Status>
  );
}
