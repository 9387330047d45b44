import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { ListPage } from '../../ui/ListPage';
import { ContactRow, ContactRowFragment } from './ContactRow';

const SiteContactsQuery = graphql(
  `
    query SiteContacts($site: ID!, $after: String) {
      node(id: $site) {
        __typename
        id
        ... on Site {
          contacts(first: 10, after: $after) {
            nodes {
              id
              ...ContactRow_contact
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
  [ContactRowFragment],
);

/** Who is there for one site. */
export function SiteContacts({ site, after }: { site: string; after?: string }) {
  const answer = useListAnswer(SiteContactsQuery, { site, after: after ?? null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ node }) => !after && !(node?.__typename === 'Site' && node.contacts.nodes.length > 0),
        show: <Empty title="contacts.empty.title" text="contacts.empty.site" />,
      }}
    >
      {({ node }) =>
        node?.__typename === 'Site' && (
          <ListPage pageInfo={node.contacts.pageInfo} next={(cursor) => <SiteContacts site={site} after={cursor} />}>
            {node.contacts.nodes.map((contact) => (
              <ContactRow key={contact.id} contact={contact} />
            ))}
          </ListPage>
        )
      }
    </Answer>
  );
}
