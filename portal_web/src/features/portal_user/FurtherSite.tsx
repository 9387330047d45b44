import { useState } from 'react';
import { useIntl } from 'react-intl';

import { Choice } from '../../ui/Choice';
import { useSitesWithin } from '../access/giving/sitesWithin';
import { lookedFor, type PlaceRow } from './editing';

interface FurtherSiteProps {
  user: string;
  organization: string;
  shown: readonly PlaceRow[];
}

/** Adds a row to the editor for one of the sites that are too many to show. */
export function FurtherSite({ user, organization, shown }: FurtherSiteProps) {
  const intl = useIntl();
  const [search, setSearch] = useState('');
  const { nodes, longer } = useSitesWithin(organization, search);
  const options = nodes
    .filter(({ id }) => !shown.some((place) => place.id === id))
    .map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Choice
      label="editor.further"
      searchLabel="sites.search"
      always={[{ value: '', label: intl.formatMessage({ id: 'give.choose' }), disabled: true }]}
      options={options}
      longer={longer}
      chosen=""
      onChoose={(id, name) => {
        const all = lookedFor.get();
        lookedFor.set({ ...all, [user]: [...(all[user] ?? []), { id, name }] });
      }}
      onSearch={setSearch}
    />
  );
}
