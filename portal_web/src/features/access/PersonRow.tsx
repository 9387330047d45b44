import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import type { ReactNode } from 'react';

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
  children?: ReactNode;
}

/** A client's person: who, what they have, how they stand, and what can be done. */
export function PersonRow({ user: masked, title, showOrganization, children }: PersonRowProps) {
  const user = readFragment(PersonRowFragment, masked);
  return (
    <li className={table['row']}>
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
      <span className={table['acts']}>{children}</span>
    </li>
  );
}
