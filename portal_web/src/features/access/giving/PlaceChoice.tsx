import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useIntl } from 'react-intl';

import { graphql } from '../../../gql/graphql';
import { useListAnswer } from '../../../gql/useAnswer';
import { kept } from '../../../ui/kept';
import { Narrowing } from '../../../ui/Narrowing';
import { useWho } from '../who';

const OrganizationChoiceQuery = graphql(`
  query OrganizationChoice($search: String) {
    organizations(first: 100, filter: { search: $search }) {
      nodes {
        id
        shortName
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

const SitesWithinQuery = graphql(`
  query SitesWithin($id: ID!, $search: String) {
    node(id: $id) {
      __typename
      id
      ... on Organization {
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
  }
`);

const NOTHING = { nodes: [], pageInfo: { hasNextPage: false } };

/** The place that was chosen in a form with a `<PlaceChoice>`: the narrowest that was said. */
export function chosenPlace(form: FormData): string {
  return String(form.get('site') || form.get('organization') || '');
}

/** Where a right is to hold: in the whole company, at an organization, or at one of its sites. */
export function PlaceChoice() {
  const intl = useIntl();
  const who = useWho();
  const whole = who?.tenant?.id ?? '';
  const [chosen, setChosen] = useState('');
  const [search, setSearch] = useState('');
  const answer = useListAnswer(OrganizationChoiceQuery, { search: search || null });
  const found = answer.is === 'ready' ? answer.data.organizations : NOTHING;
  const [known, setKnown] = useState('');
  return (
    <>
      <Narrowing label="give.organization.search" longer={found.pageInfo.hasNextPage} onSearch={setSearch} />
      <NativeSelect
        name="organization"
        label={intl.formatMessage({ id: 'give.organization' })}
        required
        withAsterisk={false}
        value={chosen}
        onChange={({ currentTarget: { value, selectedOptions } }) => {
          setChosen(value);
          setKnown(selectedOptions[0]?.label ?? '');
        }}
        data={[
          { value: '', label: intl.formatMessage({ id: 'give.choose' }), disabled: true },
          { value: whole, label: intl.formatMessage({ id: 'rights.everywhere' }) },
          ...found.nodes.map(({ id, shortName }) => ({ value: id, label: shortName })),
          ...kept(chosen, known, [whole, ...found.nodes.map(({ id }) => id)]),
        ]}
      />
      {chosen !== '' && chosen !== whole && <SiteWithin key={chosen} organization={chosen} />}
    </>
  );
}

function SiteWithin({ organization }: { organization: string }) {
  const intl = useIntl();
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState({ value: '', label: '' });
  const answer = useListAnswer(SitesWithinQuery, { id: organization, search: search || null });
  const node = answer.is === 'ready' ? answer.data.node : null;
  const found = node?.__typename === 'Organization' ? node.sites : NOTHING;
  return (
    <>
      <Narrowing label="sites.search" longer={found.pageInfo.hasNextPage} onSearch={setSearch} />
      <NativeSelect
        name="site"
        label={intl.formatMessage({ id: 'give.site' })}
        value={chosen.value}
        onChange={({ currentTarget: { value, selectedOptions } }) => setChosen({ value, label: selectedOptions[0]?.label ?? '' })}
        data={[
          { value: '', label: intl.formatMessage({ id: 'reports.filter.site.all' }) },
          ...found.nodes.map(({ id, name }) => ({ value: id, label: name })),
          ...kept(chosen.value, chosen.label, found.nodes.map(({ id }) => id)),
        ]}
      />
    </>
  );
}
