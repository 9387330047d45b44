import { NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { Search } from '../../ui/Search';
import table from '../../ui/table.module.css';
import { TableRows } from '../../ui/TableRows';
import { grantWords } from '../access/GrantName';
import { LastSignIn, PersonStatus } from '../access/PersonState';
import { Room } from '../access/Room';
import { Suspension, SuspensionFragment } from '../access/Suspension';
import { useWho } from '../access/who';
import { filterOf, SHOWS, type Show } from './shows';

const ReviewRowFragment = graphql(
  `
    fragment ReviewRow_user on User {
      id
      name
      email
      kind
      userStatus: status
      lastSignInAt
      openSessions
      viewerPermissions
      reviewHome: organization {
        id
        shortName
      }
      reviewGrants: grants(first: 30) {
        nodes {
          id
          name
          unused
        }
      }
      ...Suspension_user
    }
  `,
  [SuspensionFragment],
);

const AccessReviewQuery = graphql(
  `
    query AccessReview($after: String, $filter: UserFilter) {
      users(first: 30, after: $after, filter: $filter) {
        nodes {
          id
          ...ReviewRow_user
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  `,
  [ReviewRowFragment],
);

/** Who has access and does not use it. */
export function ReviewRoom() {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'review.title' });
  const [show, setShow] = useState<Show>('everybody');
  const [search, setSearch] = useState('');
  // Of the day, so that the question stays the same while the page is open.
  const [now] = useState(() => Date.now());
  return (
    <Room title={title} lead={<FormattedMessage id="review.lead" />}>
      <div className={table['tools']}>
        <NativeSelect
          label={intl.formatMessage({ id: 'review.show' })}
          value={show}
          onChange={({ currentTarget: { value } }) => setShow(SHOWS.find((one) => one === value) ?? 'everybody')}
          data={SHOWS.map((value) => ({ value, label: intl.formatMessage({ id: `review.show.${value}` }) }))}
        />
        <Search label={intl.formatMessage({ id: 'review.search' })} onSearch={setSearch} />
      </div>
      <section aria-label={title}>
        <Reviewed show={show} search={search} now={now} />
      </section>
    </Room>
  );
}

interface ReviewedProps {
  show: Show;
  search: string;
  now: number;
  after?: string;
}

function Reviewed({ show, search, now, after }: ReviewedProps) {
  const answer = useListAnswer(AccessReviewQuery, { after: after ?? null, filter: { ...filterOf(show, now), search: search || null } });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ users }) => !after && users.nodes.length === 0,
        show: <Empty title="review.none.title" text="review.none.text" />,
      }}
    >
      {({ users }) => (
        <>
          {!after && (
            <p role="status">
              <FormattedMessage id="review.count" values={{ count: users.totalCount }} />
            </p>
          )}
          <TableRows
            pageInfo={users.pageInfo}
            next={(cursor) => <Reviewed show={show} search={search} now={now} after={cursor} />}
          >
            {users.nodes.map((user) => (
              <Row key={user.id} user={user} />
            ))}
          </TableRows>
        </>
      )}
    </Answer>
  );
}

function Row({ user: masked }: { user: FragmentOf<typeof ReviewRowFragment> }) {
  const intl = useIntl();
  const who = useWho();
  const user = readFragment(ReviewRowFragment, masked);
  const right = user.kind === 'STAFF' ? 'MANAGE_STAFF_ACCESS' : 'MANAGE_PORTAL_ACCESS';
  const mayChange = user.viewerPermissions.includes(right) && user.id !== who?.user?.id && !who?.viewedBy;
  const unused = user.reviewGrants.nodes.filter((grant) => grant.unused);
  return (
    <li className={table['row']} data-testid="reviewed">
      <span className={table['who']}>
        {user.kind === 'PORTAL' ? (
          <Link to="/access/people/$id" params={{ id: user.id }}>
            {user.name}
          </Link>
        ) : (
          <strong>{user.name}</strong>
        )}
        <span>
          {[user.email, user.reviewHome?.shortName].filter(Boolean).join(' · ')}
          {user.kind === 'STAFF' && (
            <>
              {' · '}
              <FormattedMessage id="account.staff" />
            </>
          )}
        </span>
      </span>
      <span className={table['cell']}>
        {unused.length === 0 ? (
          <FormattedMessage id="review.rights" values={{ count: user.reviewGrants.nodes.length }} />
        ) : (
          <>
            <FormattedMessage id="review.unused" values={{ count: unused.length, all: user.reviewGrants.nodes.length }} />
            <span className={table['when']}>{[...new Set(unused.map(({ name }) => grantWords(intl, name)))].join(', ')}</span>
          </>
        )}
      </span>
      <span className={table['cell']}>
        <PersonStatus status={user.userStatus} />
        <span className={table['when']}>
          <LastSignIn at={user.lastSignInAt} />
        </span>
        {user.openSessions > 0 && (
          <span className={table['when']}>
            <FormattedMessage id="person.sessions" values={{ count: user.openSessions }} />
          </span>
        )}
      </span>
      <span className={table['acts']}>{mayChange && <Suspension user={user} small />}</span>
    </li>
  );
}
