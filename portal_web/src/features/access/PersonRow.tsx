import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';

import { graphql } from '../../gql/graphql';
import table from '../../ui/table.module.css';
import { LastSignIn, PersonStatus } from './PersonState';
import { RightsInShort, RightsInShortFragment } from './RightsInShort';

export const PersonRowFragment = graphql(
  `
    fragment PersonRow_user on User {
      id
      name
      email
      userStatus: status
      lastSignInAt
      ...RightsInShort_user
      home: organization {
        id
        shortName
      }
    }
  `,
  [RightsInShortFragment],
);

interface PersonRowProps {
  user: FragmentOf<typeof PersonRowFragment>;
  /** What the person does where they work. */
  title?: string | null | undefined;
  /** Said where the people of several organizations stand together. */
  showOrganization?: true;
}

/** A client's person: who, what they have, and how they stand. */
export function PersonRow({ user: masked, title, showOrganization }: PersonRowProps) {
  const user = readFragment(PersonRowFragment, masked);
  return (
    <li className={table['row']} data-columns="person">
      <span className={table['who']}>
        <Link to="/access/people/$id" params={{ id: user.id }}>
          {user.name}
        </Link>
        <span>{[user.email, title, showOrganization && user.home?.shortName].filter(Boolean).join(' · ')}</span>
      </span>
      <span className={table['cell']}>
        <RightsInShort user={user} />
      </span>
      <span className={table['cell']}>
        <PersonStatus status={user.userStatus} />
        <span className={table['when']}>
          <LastSignIn at={user.lastSignInAt} />
        </span>
      </span>
    </li>
  );
}
