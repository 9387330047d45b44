import { useState } from 'react';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Choice } from '../../ui/Choice';
import type { MessageId } from '../../ui/language';

const SiteChoiceQuery = graphql(`
  query SiteChoice($search: String) {
    viewer {
      id
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
`);

interface SiteChoiceProps {
  label: MessageId;
  chosen: string | undefined;
  onChoose: (site: string | undefined) => void;
}

/** Narrows a list to one of the sites the viewer can see. */
export function SiteChoice({ label, chosen, onChoose }: SiteChoiceProps) {
  const intl = useIntl();
  const [search, setSearch] = useState('');
  const answer = useListAnswer(SiteChoiceQuery, { search: search || null });
  const sites = answer.is === 'ready' ? answer.data.viewer.sites : undefined;
  return (
    <Choice
      label={label}
      searchLabel="sites.search"
      always={[{ value: '', label: intl.formatMessage({ id: 'reports.filter.site.all' }) }]}
      options={sites?.nodes.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      longer={sites?.pageInfo.hasNextPage ?? false}
      chosen={chosen ?? ''}
      onChoose={(site) => onChoose(site || undefined)}
      onSearch={setSearch}
    />
  );
}
