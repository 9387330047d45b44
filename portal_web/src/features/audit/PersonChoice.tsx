import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { kept } from '../../ui/kept';
import { Narrowing } from '../../ui/Narrowing';

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
  const [label, setLabel] = useState('');
  const answer = useListAnswer(AuditPeopleQuery, { search: search || null });
  const people = answer.is === 'ready' ? answer.data.users.nodes : [];
  return (
    <>
      <Narrowing
        label="trail.person.search"
        longer={answer.is === 'ready' && answer.data.users.pageInfo.hasNextPage}
        onSearch={setSearch}
      />
      <NativeSelect
        label={intl.formatMessage({ id: 'trail.person' })}
        value={chosen ?? ''}
        onChange={({ currentTarget: { value, selectedOptions } }) => {
          setLabel(selectedOptions[0]?.label ?? '');
          onChoose(value || undefined);
        }}
        data={[
          { value: '', label: intl.formatMessage({ id: 'trail.person.all' }) },
          ...people.map(({ id, name, email }) => ({ value: id, label: `${name} · ${email}` })),
          ...kept(chosen, label || (chosen ?? ''), people.map(({ id }) => id)),
        ]}
      />
    </>
  );
}
