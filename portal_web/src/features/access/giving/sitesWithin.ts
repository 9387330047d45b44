import { graphql } from '../../../gql/graphql';
import { useListAnswer } from '../../../gql/useAnswer';

const SitesWithinQuery = graphql(`
  query SitesWithin($id: ID!, $search: String) {
    node(id: $id) {
      __typename
      id
      ... on Organization {
        sites(first: 100, filter: { search: $search }) {
          nodes {
            id
            name
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
  }
`);

export interface NamedSite {
  id: string;
  name: string;
}

interface Found {
  nodes: readonly NamedSite[];
  longer: boolean;
}

/** The sites of an organization by what is looked for: the first hundred, and whether there are more. */
export function useSitesWithin(organization: string, search: string): Found {
  const answer = useListAnswer(SitesWithinQuery, { id: organization, search: search || null });
  const node = answer.is === 'ready' ? answer.data.node : null;
  if (node?.__typename !== 'Organization') return { nodes: [], longer: false };
  return { nodes: node.sites.nodes, longer: node.sites.pageInfo.hasNextPage };
}
