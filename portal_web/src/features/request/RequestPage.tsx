import type { FragmentOf } from 'gql.tada';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAnswer, useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Choice } from '../../ui/Choice';
import { Empty } from '../../ui/Empty';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { Rows } from '../../ui/Skeleton';
import { RequestForm } from './RequestForm';
import form from './request.module.css';

const RequestSiteFragment = graphql(`
  fragment RequestSite_site on Site @_unmask {
    id
    name
    timeZone
    viewerPermissions
    organization {
      id
      shortName
    }
  }
`);

const RequestSitesQuery = graphql(
  `
    query RequestSites($search: String) {
      viewer {
        id
        sites(first: 100, filter: { status: [ACTIVE, LIMITED], search: $search }) {
          nodes {
            id
            ...RequestSite_site
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
  `,
  [RequestSiteFragment],
);

const RequestSiteQuery = graphql(
  `
    query RequestSite($id: ID!, $chosen: Boolean!) {
      node(id: $id) @include(if: $chosen) {
        __typename
        id
        ...RequestSite_site
      }
    }
  `,
  [RequestSiteFragment],
);

type Site = FragmentOf<typeof RequestSiteFragment>;

/** Asks for work at a site: one of the services that its organization has. */
export function RequestPage() {
  const intl = useIntl();
  const answer = useListAnswer(RequestSitesQuery, { search: null });
  const title = intl.formatMessage({ id: 'request.title' });
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <PageHeading title={title}>{title}</PageHeading>
        <p className={styles['lead']}>
          <FormattedMessage id="request.lead" />
        </p>
      </header>
      <Answer of={answer} empty="never">
        {({ viewer: { sites } }) => <Request first={sites.nodes.filter(mayRequest)} longer={sites.pageInfo.hasNextPage} />}
      </Answer>
    </div>
  );
}

function Request({ first, longer }: { first: readonly Site[]; longer: boolean }) {
  const navigate = useNavigate({ from: '/request' });
  const { site: wanted } = useSearch({ from: '/request' });
  const [search, setSearch] = useState('');
  const chosen = wanted && (longer || first.some(({ id }) => id === wanted)) ? wanted : (first[0]?.id ?? '');
  const found = useListAnswer(RequestSitesQuery, { search: search || null });
  // One that lies beyond the first hundred is asked for by itself.
  const asked = useAnswer(RequestSiteQuery, { id: chosen, chosen: chosen !== '' });
  if (chosen === '' && !longer) return <Empty title="request.none.title" text="request.none.text" />;
  const node = asked.is === 'ready' && asked.data.node?.__typename === 'Site' ? asked.data.node : undefined;
  const site = first.find(({ id }) => id === chosen) ?? (node && mayRequest(node) ? node : undefined);
  const open = found.is === 'ready' ? found.data.viewer.sites.nodes.filter(mayRequest) : [];
  return (
    <div className={form['request']}>
      <Choice
        label="job.site"
        searchLabel="sites.search"
        size="md"
        options={open.map((one) => ({ value: one.id, label: words(one) }))}
        longer={longer}
        chosen={chosen}
        chosenName={site && words(site)}
        onChoose={(id) => void navigate({ search: { site: id }, replace: true })}
        onSearch={setSearch}
      />
      {site?.organization ? (
        <RequestForm key={site.organization.id} organization={site.organization.id} site={site.id} zone={site.timeZone} />
      ) : asked.is === 'loading' ? (
        <Rows />
      ) : (
        <Empty title="request.none.title" text="request.none.text" />
      )}
    </div>
  );
}

function mayRequest({ viewerPermissions }: Site): boolean {
  return viewerPermissions.includes('REQUEST_WORK');
}

function words({ name, organization }: Site): string {
  return [name, organization?.shortName].filter(Boolean).join(' · ');
}
