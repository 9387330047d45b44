import { useState } from 'react';
import { useIntl } from 'react-intl';

import { graphql } from '../../../gql/graphql';
import { useListAnswer } from '../../../gql/useAnswer';
import { Choice } from '../../../ui/Choice';
import { useWho } from '../who';
import { useSitesWithin } from './sitesWithin';

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
  const found = answer.is === 'ready' ? answer.data.organizations : undefined;
  return (
    <>
      <Choice
        name="organization"
        label="give.organization"
        searchLabel="give.organization.search"
        required
        withAsterisk={false}
        always={[
          { value: '', label: intl.formatMessage({ id: 'give.choose' }), disabled: true },
          { value: whole, label: intl.formatMessage({ id: 'rights.everywhere' }) },
        ]}
        options={found?.nodes.map(({ id, shortName }) => ({ value: id, label: shortName })) ?? []}
        longer={found?.pageInfo.hasNextPage ?? false}
        chosen={chosen}
        onChoose={setChosen}
        onSearch={setSearch}
      />
      {chosen !== '' && chosen !== whole && <SiteWithin key={chosen} organization={chosen} />}
    </>
  );
}

function SiteWithin({ organization }: { organization: string }) {
  const intl = useIntl();
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState('');
  const { nodes, longer } = useSitesWithin(organization, search);
  return (
    <Choice
      name="site"
      label="give.site"
      searchLabel="sites.search"
      always={[{ value: '', label: intl.formatMessage({ id: 'reports.filter.site.all' }) }]}
      options={nodes.map(({ id, name }) => ({ value: id, label: name }))}
      longer={longer}
      chosen={chosen}
      onChoose={setChosen}
      onSearch={setSearch}
    />
  );
}
