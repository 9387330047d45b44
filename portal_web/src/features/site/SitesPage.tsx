import { TextInput } from '@mantine/core';
import type { FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import list from '../../ui/list.module.css';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { Search } from '../../ui/Search';
import { Section } from '../../ui/Section';
import { SitePlan } from './SitePlan';
import { SiteRow, type SiteRowFragment } from './SiteRow';
import { located, SitesQuery, type PlannedSiteFragment } from './sites';
import own from './SitesPage.module.css';

/** Below this many, all can be seen at once and nothing need be searched. */
const SEARCHED_FROM = 8;

type Site = FragmentOf<typeof PlannedSiteFragment> & FragmentOf<typeof SiteRowFragment>;

/** All sites of the viewer: where they lie, and by whose they are. */
export function SitesPage() {
  const intl = useIntl();
  const answer = useListAnswer(SitesQuery, { search: null });
  const title = intl.formatMessage({ id: 'sites.title' });
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <PageHeading title={title}>{title}</PageHeading>
      </header>
      <Answer
        of={answer}
        empty={{
          when: ({ viewer }) => viewer.sites.nodes.length === 0,
          show: <Empty title="home.places.empty.title" text="home.places.empty.text" />,
        }}
      >
        {({ viewer: { sites } }) =>
          sites.totalCount > sites.nodes.length ? <Many total={sites.totalCount} /> : <All sites={sites.nodes} />
        }
      </Answer>
    </div>
  );
}

/** All are there, and looked through as one types. */
function All({ sites }: { sites: readonly Site[] }) {
  const intl = useIntl();
  const [sought, setSought] = useState('');
  const found = sites.filter((site) => matches(site, sought));
  const label = intl.formatMessage({ id: 'sites.search' });
  return (
    <div className={styles['page']}>
      {sites.length >= SEARCHED_FROM && (
        <TextInput
          type="search"
          maw={340}
          aria-label={label}
          placeholder={label}
          value={sought}
          onChange={({ currentTarget }) => setSought(currentTarget.value)}
        />
      )}
      <Found sites={found} total={found.length} sought={sought} />
    </div>
  );
}

/** There are more than can be shown at once: the service looks for them. */
function Many({ total }: { total: number }) {
  const intl = useIntl();
  const [sought, setSought] = useState('');
  const answer = useListAnswer(SitesQuery, { search: sought || null });
  return (
    <div className={styles['page']}>
      <div className={own['search']}>
        <Search label={intl.formatMessage({ id: 'sites.search.many' }, { total })} onSearch={setSought} />
      </div>
      <Answer of={answer} empty="never">
        {({ viewer: { sites } }) => <Found sites={sites.nodes} total={sites.totalCount} sought={sought} />}
      </Answer>
    </div>
  );
}

interface FoundProps {
  sites: readonly Site[];
  total: number;
  sought: string;
}

function Found({ sites, total, sought }: FoundProps) {
  const places = located(sites);
  return (
    <div className={styles['page']}>
      <p className="visually-hidden" role="status">
        {sought && <FormattedMessage id="sites.found" values={{ count: total }} />}
      </p>
      {sites.length === 0 && <Empty title="sites.none.title" text="sites.none.text" />}
      <div className={own['beside']}>
        {places.length > 0 && (
          <div className={own['plan']}>
            <SitePlan sites={places} />
          </div>
        )}
        <div className={styles['page']}>
          {byOrganization(sites).map(([name, group]) => (
            <Section key={name} title={name || <FormattedMessage id="organization.sites" />}>
              <ul className={list['list']}>
                {group.map((site) => (
                  <SiteRow key={site.id} site={site} />
                ))}
              </ul>
            </Section>
          ))}
        </div>
      </div>
      {total > sites.length && (
        <p className={styles['lead']}>
          <FormattedMessage id="sites.more" values={{ shown: sites.length, total }} />
        </p>
      )}
    </div>
  );
}

function matches({ name, address, organization }: Site, sought: string): boolean {
  const words = [name, address.city, organization?.shortName].join(' ').toLocaleLowerCase();
  return words.includes(sought.trim().toLocaleLowerCase());
}

function byOrganization(sites: readonly Site[]): [string, Site[]][] {
  const groups = new Map<string, Site[]>();
  for (const site of sites) {
    const name = site.organization?.shortName ?? '';
    groups.set(name, [...(groups.get(name) ?? []), site]);
  }
  return [...groups].toSorted(([one], [other]) => one.localeCompare(other));
}
