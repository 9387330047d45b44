import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import type { MessageId } from '../../ui/language';
import { kept } from '../../ui/kept';
import { Narrowing } from '../../ui/Narrowing';

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
  const [name, setName] = useState('');
  const answer = useListAnswer(SiteChoiceQuery, { search: search || null });
  const sites = answer.is === 'ready' ? answer.data.viewer.sites.nodes : [];
  return (
    <>
      <Narrowing
        label="sites.search"
        longer={answer.is === 'ready' && answer.data.viewer.sites.pageInfo.hasNextPage}
        onSearch={setSearch}
      />
      <NativeSelect
        label={intl.formatMessage({ id: label })}
        value={chosen ?? ''}
        onChange={({ currentTarget: { value, selectedOptions } }) => {
          setName(selectedOptions[0]?.label ?? '');
          onChoose(value || undefined);
        }}
        data={[
          { value: '', label: intl.formatMessage({ id: 'reports.filter.site.all' }) },
          ...sites.map((site) => ({ value: site.id, label: site.name })),
          ...kept(chosen, name || '…', sites.map(({ id }) => id)),
        ]}
      />
    </>
  );
}
