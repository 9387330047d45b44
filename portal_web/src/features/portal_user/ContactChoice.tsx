import { useState, type ReactNode } from 'react';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Choice } from '../../ui/Choice';

const ContactChoiceQuery = graphql(`
  query ContactChoice($id: ID!, $search: String) {
    node(id: $id) {
      __typename
      id
      ... on Organization {
        contacts(first: 100, filter: { search: $search }) {
          nodes {
            id
            name
            email
            canInvite
            inviteRefusal
          }
          pageInfo {
            hasNextPage
          }
        }
      }
    }
  }
`);

/** One of the organization's contacts, as `contactId` of a form: first who can be invited, then the others and why not. */
export function ContactChoice({ organization, error }: { organization: string; error: ReactNode }) {
  const intl = useIntl();
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState('');
  const answer = useListAnswer(ContactChoiceQuery, { id: organization, search: search || null });
  const node = answer.is === 'ready' ? answer.data.node : null;
  const contacts = node?.__typename === 'Organization' ? node.contacts : undefined;
  const options = (contacts?.nodes ?? [])
    .toSorted((one, other) => Number(other.canInvite) - Number(one.canInvite))
    .map(({ id, name, email, canInvite, inviteRefusal }) => {
      const more = inviteRefusal ? intl.formatMessage({ id: `invite.refusal.${inviteRefusal}` }) : email;
      return { value: id, label: [name, more].filter(Boolean).join(' · '), disabled: !canInvite };
    });
  return (
    <Choice
      name="contactId"
      label="invite.contact"
      searchLabel="invite.contact.search"
      error={error}
      options={options}
      longer={contacts?.pageInfo.hasNextPage ?? false}
      chosen={chosen || (options.find(({ disabled }) => !disabled)?.value ?? '')}
      onChoose={setChosen}
      onSearch={setSearch}
    />
  );
}
