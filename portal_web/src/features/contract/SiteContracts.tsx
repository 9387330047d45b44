import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { ListPage } from '../../ui/ListPage';
import { ContractRow, ContractRowFragment } from './ContractRow';

const SiteContractsQuery = graphql(
  `
    query SiteContracts($site: ID!, $after: String) {
      node(id: $site) {
        __typename
        id
        ... on Site {
          contracts(first: 10, after: $after) {
            nodes {
              id
              ...ContractRow_contract
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
  [ContractRowFragment],
);

/** The contracts that hold at one site, as far as the viewer may see them. */
export function SiteContracts({ site, after }: { site: string; after?: string }) {
  const answer = useListAnswer(SiteContractsQuery, { site, after: after ?? null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ node }) => !after && !(node?.__typename === 'Site' && node.contracts.nodes.length > 0),
        show: <Empty title="contracts.empty.title" text="contracts.empty.text" />,
      }}
    >
      {({ node }) =>
        node?.__typename === 'Site' && (
          <ListPage pageInfo={node.contracts.pageInfo} next={(cursor) => <SiteContracts site={site} after={cursor} />}>
            {node.contracts.nodes.map((contract) => (
              <ContractRow key={contract.id} contract={contract} />
            ))}
          </ListPage>
        )
      }
    </Answer>
  );
}
