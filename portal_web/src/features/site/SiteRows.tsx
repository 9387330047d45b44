import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { ListPage } from '../../ui/ListPage';
import { SiteRow, SiteRowFragment } from './SiteRow';

const OrganizationSitesQuery = graphql(
  `
    query OrganizationSites($id: ID!, $after: String) {
      node(id: $id) {
        __typename
        id
        ... on Organization {
          sites(first: 20, after: $after) {
            nodes {
              id
              ...SiteRow_site
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
  [SiteRowFragment],
);

const NONE = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

/** The sites of an organization that the viewer can see. */
export function OrganizationSites({ id, after }: { id: string; after?: string }) {
  const answer = useListAnswer(OrganizationSitesQuery, { id, after: after ?? null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ node }) => !after && !(node?.__typename === 'Organization' && node.sites.nodes.length > 0),
        show: <Empty title="organization.sites.empty.title" text="organization.sites.empty.text" />,
      }}
    >
      {({ node }) => {
        const { nodes, pageInfo } = node?.__typename === 'Organization' ? node.sites : NONE;
        return (
          <ListPage pageInfo={pageInfo} next={(cursor) => <OrganizationSites id={id} after={cursor} />}>
            {nodes.map((site) => (
              <SiteRow key={site.id} site={site} />
            ))}
          </ListPage>
        );
      }}
    </Answer>
  );
}
