import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { Narrowing } from '../../ui/Narrowing';
import { Tick, Ticks } from '../../ui/Tick';
import { useSitesWithin, type NamedSite } from '../access/giving/sitesWithin';

/** Some of the organization's sites, as `placeIds` of a form. What is ticked stays while something else is looked for. */
export function SiteTicks({ organization }: { organization: string }) {
  const [search, setSearch] = useState('');
  const [ticked, setTicked] = useState<readonly NamedSite[]>([]);
  const { nodes, longer } = useSitesWithin(organization, search);
  const away = ticked.filter(({ id }) => !nodes.some((site) => site.id === id));
  const toggle = (site: NamedSite) =>
    setTicked(ticked.some(({ id }) => id === site.id) ? ticked.filter(({ id }) => id !== site.id) : [...ticked, site]);
  return (
    <>
      <Narrowing label="sites.search" longer={longer} onSearch={setSearch} />
      <Ticks name={<FormattedMessage id="nav.sites" />}>
        {[...away, ...nodes].map((site) => (
          <Tick
            key={site.id}
            name="placeIds"
            value={site.id}
            checked={ticked.some(({ id }) => id === site.id)}
            onChange={() => toggle(site)}
          >
            {site.name}
          </Tick>
        ))}
      </Ticks>
    </>
  );
}
