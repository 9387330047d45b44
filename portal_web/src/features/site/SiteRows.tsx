import { Link } from '@tanstack/react-router';
import type { FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import styles from '../../ui/list.module.css';
import { ListPage } from '../../ui/ListPage';
import { Status } from '../../ui/Status';

const SiteRowFragment = graphql(`
  fragment SiteRow_site on Site @_unmask {
    id
    name
    status
    address {
      city
      country
    }
  }
`);

const OrganizationSitesQuery = graphql(
  `
    query OrganizationSites($id: ID!, $after: String) {
      node(id: $id) {
        __typename
        id
        ... on Organization {
          sites(first: 20, after: $after) {
            nodes {
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

function SiteRow({ site }: { site: FragmentOf<typeof SiteRowFragment> }) {
  return (
    <li className={styles['row']}>
      <Link to="/sites/$id" params={{ id: site.id }}>
        <span className={styles['name']}>{site.name}</span>
        <span className={styles['meta']}>
          <span>{[site.address.city, site.address.country].filter(Boolean).join(', ')}</span>
          {site.status !== 'ACTIVE' && (
            <Status tone="warm">
              <FormattedMessage id={`site.status.${site.status}`} />
            </Status>
          )}
        </span>
      </Link>
    </li>
  );
}
