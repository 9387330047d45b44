import { NativeSelect } from '@mantine/core';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';

const AuditPeopleQuery = graphql(`
  query AuditPeople {
    users(first: 100) {
      nodes {
        id
        name
        email
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
  const answer = useListAnswer(AuditPeopleQuery, {});
  const people = answer.is === 'ready' ? answer.data.users.nodes : [];
  return (
    <NativeSelect
      label={intl.formatMessage({ id: 'trail.person' })}
      value={chosen ?? ''}
      onChange={({ currentTarget: { value } }) => onChoose(value || undefined)}
      data={[
        { value: '', label: intl.formatMessage({ id: 'trail.person.all' }) },
        ...people.map(({ id, name, email }) => ({ value: id, label: `${name} · ${email}` })),
        ...(chosen && !people.some(({ id }) => id === chosen) ? [{ value: chosen, label: chosen }] : []),
      ]}
    />
  );
}
