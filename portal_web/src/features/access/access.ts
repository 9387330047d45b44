import type { FragmentOf } from 'gql.tada';

import { graphql } from '../../gql/graphql';


/** What the push of the viewer's access is compared by; open, because it is read before any component shows it. */
export const AccessFragment = graphql(`
  fragment Access_viewer on Viewer @_unmask {
    id
    epoch
    tenant {
      id
      name
    }
    places {
      permissions
      organization {
        id
        shortName
      }
      site {
        id
        name
      }
    }
    reports(first: 20, filter: { status: [PUBLISHED] }) {
      nodes {
        id
        title
        site {
          id
          name
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export type Access = FragmentOf<typeof AccessFragment>;
export type Place = Access['places'][number];
export type VisibleReport = Access['reports']['nodes'][number];

/** The node a place is, for `changes(under:)`. */
export function placeId(place: Place, access: Access): string | undefined {
  return place.site?.id ?? place.organization?.id ?? access.tenant?.id;
}

/** What a place is called. */
export function placeName(place: Place, access: Access): string {
  return place.site?.name ?? place.organization?.shortName ?? access.tenant?.name ?? '';
}

/** Whether whoever has `wide` needs no grant at `narrow` to get there. */
export function covers(wide: Place, narrow: Place): boolean {
  if (wide.site) return wide.site.id === narrow.site?.id;
  if (wide.organization) return wide.organization.id === narrow.organization?.id;
  return true;
}
