import type { FragmentOf } from 'gql.tada';

import { graphql } from '../../gql/graphql';
import type { Located } from './plan';
import { SiteRowFragment } from './SiteRow';

export const PlannedSiteFragment = graphql(`
  fragment PlannedSite_site on Site @_unmask {
    id
    name
    latitude
    longitude
    address {
      city
    }
    organization {
      id
      shortName
    }
  }
`);

/** The viewer's sites, for the list and for the plan: all, or those that are looked for. */
export const SitesQuery = graphql(
  `
    query Sites($search: String) {
      viewer {
        id
        sites(first: 100, filter: { search: $search }) {
          nodes {
            id
            ...PlannedSite_site
            ...SiteRow_site
          }
          totalCount
        }
      }
    }
  `,
  [PlannedSiteFragment, SiteRowFragment],
);

/** The sites that can be drawn on a plan. */
export function located(sites: readonly FragmentOf<typeof PlannedSiteFragment>[]): Located[] {
  return sites.flatMap(({ id, name, latitude, longitude }) =>
    latitude && longitude ? [{ id, name, latitude: Number(latitude), longitude: Number(longitude) }] : [],
  );
}
