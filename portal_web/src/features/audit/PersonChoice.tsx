import { useState } from 'react';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Choice } from '../../ui/Choice';

const AuditPeopleQuery = graphql(`
  query AuditPeople($search: String) {
    users(first: 100, filter: { search: $search }) {
      nodes {
        id
        name
        email
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

interface PersonChoiceProps {
  chosen: string | undefined;
  onChoose: (user: string | undefined) => void;
}

/** Narrows the trail to what was done to one person's access. */
export function PersonChoice({ chosen, onChoose }: PersonChoiceProps) {
  const intl = useIntl();
  const [search, setSearch] = useState('');
  const answer = useListAnswer(AuditPeopleQuery, { search: search || null });
  const users = answer.is === 'ready' ? answer.data.users : undefined;
  return (
    <Choice
      label="trail.person"
      searchLabel="trail.person.search"
      always={[{ value: '', label: intl.formatMessage({ id: 'trail.person.all' }) }]}
      options={users?.nodes.map(({ id, name, email }) => ({ value: id, label: `${name} · ${email}` })) ?? []}
      longer={users?.pageInfo.hasNextPage ?? false}
      chosen={chosen ?? ''}
      onChoose={(user) => onChoose(user || undefined)}
      onSearch={setSearch}
    />
  );
}
