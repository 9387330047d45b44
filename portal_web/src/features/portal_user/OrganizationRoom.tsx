import { Button } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { Icon } from '../../ui/Icon';
import { Section } from '../../ui/Section';
import { TableRows } from '../../ui/TableRows';
import { NodePage } from '../access/NodePage';
import { PersonRow, PersonRowFragment } from '../access/PersonRow';
import { Room } from '../access/Room';
import { useWho } from '../access/who';
import { Invitations } from './Invitations';
import { InviteForm } from './InviteForm';

const AccessOrganizationQuery = graphql(`
  query AccessOrganization($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Organization {
        shortName
        legalName
        viewerPermissions
      }
    }
  }
`);

const OrganizationPeopleQuery = graphql(
  `
    query OrganizationPeople($id: ID!, $after: String) {
      node(id: $id) {
        __typename
        id
        ... on Organization {
          portalUsers(first: 30, after: $after) {
            nodes {
              id
              user {
                id
                ...PersonRow_user
              }
              contact {
                id
                jobTitle
              }
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
  [PersonRowFragment],
);

/** An organization's people in the portal, who is on the way there, and how another one comes. */
export function OrganizationRoom() {
  const intl = useIntl();
  const { id } = useParams({ from: '/access/organizations/$id' });
  const answer = useListAnswer(AccessOrganizationQuery, { id });
  const who = useWho();
  const [inviting, setInviting] = useState(false);
  return (
    <NodePage what="organization" id={id} of={answer} node={({ node }) => (node?.__typename === 'Organization' ? node : null)}>
      {({ shortName, legalName, viewerPermissions }) => {
        const mayInvite = viewerPermissions.includes('INVITE_TO_PORTAL') && !who?.viewedBy;
        return (
          <Room
            title={shortName}
            over={legalName}
            back={{ to: '/access', name: intl.formatMessage({ id: 'people.back' }) }}
            actions={
              mayInvite &&
              !inviting && (
                <Button leftSection={<Icon name="plus" />} onClick={() => setInviting(true)}>
                  <FormattedMessage id="invite.open" />
                </Button>
              )
            }
          >
            {inviting && mayInvite && <InviteForm organization={id} onDone={() => setInviting(false)} />}
            <Section title={<FormattedMessage id="people.inPortal" />}>
              <People id={id} />
            </Section>
            <Section title={<FormattedMessage id="invitations.title" />}>
              <Invitations organization={id} mayInvite={mayInvite} />
            </Section>
          </Room>
        );
      }}
    </NodePage>
  );
}

function People({ id, after }: { id: string; after?: string }) {
  const answer = useListAnswer(OrganizationPeopleQuery, { id, after: after ?? null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ node }) => !after && (node?.__typename !== 'Organization' || node.portalUsers.nodes.length === 0),
        show: <Empty title="people.none.title" text="people.none.here" />,
      }}
    >
      {({ node }) =>
        node?.__typename === 'Organization' && (
          <TableRows pageInfo={node.portalUsers.pageInfo} next={(cursor) => <People id={id} after={cursor} />}>
            {node.portalUsers.nodes.map(
              ({ id: key, user, contact }) => user && <PersonRow key={key} user={user} title={contact?.jobTitle} />,
            )}
          </TableRows>
        )
      }
    </Answer>
  );
}
