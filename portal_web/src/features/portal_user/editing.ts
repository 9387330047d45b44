import { readFragment, type FragmentOf } from 'gql.tada';

import { graphql } from '../../gql/graphql';
import { createStore } from '../../ui/store';
import type { NamedSite } from '../access/giving/sitesWithin';
import { COLUMNS, type Column } from '../access/grants';
import { held, type Conferred, type Draft, type Held } from './draft';

export const EditorFragment = graphql(`
  fragment Editor_user on User {
    id
    editorName: name
    viewerPermissions
    editorHome: organization {
      id
      shortName
      sites(first: 100) {
        nodes {
          id
          editorSite: name
        }
        pageInfo {
          hasNextPage
        }
      }
    }
    editorGrants: grants(first: 100) {
      nodes {
        id
        name
        cause
        organization {
          id
          shortName
        }
        site {
          id
          editorSite: name
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

/** What else a column is held through is asked of the service: its policy is nowhere else. */
export const ConferredQuery = graphql(`
  query Conferred {
    contacts: checkPermission(slug: "contacts.view") {
      conferredBy
    }
    contact_changes: checkPermission(slug: "contacts.propose") {
      conferredBy
    }
    contracts: checkPermission(slug: "contracts.view") {
      conferredBy
    }
    rates: checkPermission(slug: "rates.view") {
      conferredBy
    }
    billing: checkPermission(slug: "billing.view") {
      conferredBy
    }
    jobs: checkPermission(slug: "jobs.view") {
      conferredBy
    }
    requests: checkPermission(slug: "jobs.request") {
      conferredBy
    }
    activity_reports: checkPermission(slug: "reports.activity") {
      conferredBy
    }
    incident_reports: checkPermission(slug: "reports.incident") {
      conferredBy
    }
    inspection_reports: checkPermission(slug: "reports.inspection") {
      conferredBy
    }
    performance_reports: checkPermission(slug: "reports.performance") {
      conferredBy
    }
  }
`);

export interface PlaceRow {
  id: string;
  name: string;
  /** The places that hold this one in them. */
  around: readonly string[];
}

type SitesByPerson = Readonly<Record<string, readonly NamedSite[]>>;

/** A person's rights as the editor goes about them. */
export interface Edited {
  id: string;
  name: string;
  mayEdit: boolean;
  /** There is more than one editor's page of it: then nothing is changed here, since something would be overlooked. */
  tooMuch: boolean;
  places: readonly PlaceRow[];
  /** The organization, if it has more sites than are shown. */
  longer: string | undefined;
  byHand: ReadonlySet<Held>;
  /** What they have for another cause, which stays. */
  automatic: ReadonlySet<Held>;
}

const BY_HAND = 'MANUAL';

export function editedOf(
  masked: FragmentOf<typeof EditorFragment>,
  tenant: { id: string; name: string } | null,
  looked: SitesByPerson,
): Edited {
  const user = readFragment(EditorFragment, masked);
  const { editorHome: home, editorGrants: grants, viewerPermissions } = user;
  const places = new Map<string, PlaceRow>();
  const put = (row: PlaceRow) => places.set(row.id, places.get(row.id) ?? row);
  const wide = tenant ? [tenant.id] : [];
  if (home) put({ id: home.id, name: home.shortName, around: wide });
  const own = home?.sites.nodes.map(({ id, editorSite: name }) => ({ id, name })) ?? [];
  for (const site of [...(looked[user.id] ?? []), ...own]) put({ ...site, around: [...(home ? [home.id] : []), ...wide] });
  const at = (grant: (typeof grants.nodes)[number]) => grant.site?.id ?? grant.organization?.id ?? tenant?.id ?? '';
  for (const grant of grants.nodes) {
    const { site, organization } = grant;
    const around = site ? [...(organization ? [organization.id] : []), ...wide] : organization ? wide : [];
    put({ id: at(grant), name: site?.editorSite ?? organization?.shortName ?? tenant?.name ?? '', around });
  }
  const named = (manual: boolean) =>
    new Set(grants.nodes.filter(({ cause }) => (cause === BY_HAND) === manual).map((one) => held(one.name, at(one))));
  return {
    id: user.id,
    name: user.editorName,
    mayEdit: viewerPermissions.includes('MANAGE_PORTAL_ACCESS'),
    tooMuch: grants.pageInfo.hasNextPage,
    places: [...places.values()],
    longer: home?.sites.pageInfo.hasNextPage ? home.id : undefined,
    byHand: named(true),
    automatic: named(false),
  };
}

export function conferredOf(data: Readonly<Record<Column, { conferredBy: readonly string[] }>>): Conferred {
  return Object.fromEntries(COLUMNS.map((column) => [column, data[column].conferredBy])) as unknown as Conferred;
}

/** Unsaved drafts by person: the page may have to be read anew under them. */
export const drafts = createStore<Readonly<Record<string, Draft>>>({});

/** Sites that were looked for, by person: a draft about one of them is never out of sight. */
export const lookedFor = createStore<SitesByPerson>({});
