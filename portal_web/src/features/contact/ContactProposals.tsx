import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { ListPage } from '../../ui/ListPage';
import { Section } from '../../ui/Section';
import { Proposal, ProposalFragment } from './Proposals';

const ContactProposalsQuery = graphql(
  `
    query ContactProposals($contact: ID!, $after: String) {
      node(id: $contact) {
        __typename
        id
        ... on Contact {
          changeRequests(first: 5, after: $after) {
            nodes {
              id
              ...Proposal_changeRequest
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
  [ProposalFragment],
);

/** What was suggested to be changed about a person; nothing where nothing was. */
export function ContactProposals({ contact }: { contact: string }) {
  const answer = useListAnswer(ContactProposalsQuery, { contact, after: null });
  return (
    <Answer
      of={answer}
      skeleton={null}
      empty={{
        when: ({ node }) => !(node?.__typename === 'Contact' && node.changeRequests.nodes.length > 0),
        show: null,
      }}
    >
      {({ node }) =>
        node?.__typename === 'Contact' && (
          <Section title={<FormattedMessage id="change.title" />}>
            <ListPage
              pageInfo={node.changeRequests.pageInfo}
              next={(cursor) => <Earlier contact={contact} after={cursor} />}
            >
              {node.changeRequests.nodes.map((proposal) => (
                <Proposal key={proposal.id} proposal={proposal} />
              ))}
            </ListPage>
          </Section>
        )
      }
    </Answer>
  );
}

function Earlier({ contact, after }: { contact: string; after: string }) {
  const answer = useListAnswer(ContactProposalsQuery, { contact, after });
  return (
    <Answer of={answer} empty="never">
      {({ node }) =>
        node?.__typename === 'Contact' && (
          <ListPage
            pageInfo={node.changeRequests.pageInfo}
            next={(cursor) => <Earlier contact={contact} after={cursor} />}
          >
            {node.changeRequests.nodes.map((proposal) => (
              <Proposal key={proposal.id} proposal={proposal} />
            ))}
          </ListPage>
        )
      }
    </Answer>
  );
}
