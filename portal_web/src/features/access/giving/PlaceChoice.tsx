import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useIntl } from 'react-intl';

import { graphql } from '../../../gql/graphql';
import { useListAnswer } from '../../../gql/useAnswer';
import { useWho } from '../who';

const OrganizationChoiceQuery = graphql(`
  query OrganizationChoice {
    organizations(first: 100) {
      nodes {
        id
        shortName
      }
    }
  }
`);

const SitesWithinQuery = graphql(`
  query SitesWithin($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Organization {
        sites(first: 100) {
          nodes {
            id
            name
          }
        }
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
  const answer = useListAnswer(OrganizationChoiceQuery, {});
  const organizations = answer.is === 'ready' ? answer.data.organizations.nodes : [];
  return (
    <>
      <NativeSelect
        name="organization"
        label={intl.formatMessage({ id: 'give.organization' })}
        required
        withAsterisk={false}
        value={chosen}
        onChange={({ currentTarget: { value } }) => setChosen(value)}
        data={[
          { value: '', label: intl.formatMessage({ id: 'give.choose' }), disabled: true },
          { value: whole, label: intl.formatMessage({ id: 'rights.everywhere' }) },
          ...organizations.map(({ id, shortName }) => ({ value: id, label: shortName })),
        ]}
      />
      {chosen !== '' && chosen !== whole && <SiteWithin key={chosen} organization={chosen} />}
    </>
  );
}

function SiteWithin({ organization }: { organization: string }) {
  const intl = useIntl();
  const answer = useListAnswer(SitesWithinQuery, { id: organization });
  const node = answer.is === 'ready' ? answer.data.node : null;
  const sites = node?.__typename === 'Organization' ? node.sites.nodes : [];
  return (
    <NativeSelect
      name="site"
      label={intl.formatMessage({ id: 'give.site' })}
      data={[
        { value: '', label: intl.formatMessage({ id: 'reports.filter.site.all' }) },
        ...sites.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  );
}
