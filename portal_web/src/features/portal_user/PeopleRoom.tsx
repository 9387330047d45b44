import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { Search } from '../../ui/Search';
import { Section } from '../../ui/Section';
import { Status } from '../../ui/Status';
import table from '../../ui/table.module.css';
import { TableRows } from '../../ui/TableRows';
import { PersonRow, PersonRowFragment } from '../access/PersonRow';
import { Room } from '../access/Room';

const PortalPeopleQuery = graphql(
  `
    query PortalPeople($after: String, $search: String) {
      users(first: 15, after: $after, filter: { kind: [PORTAL], search: $search }) {
        nodes {
          id
          ...PersonRow_user
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [PersonRowFragment],
);

const PortalOrganizationsQuery = graphql(`
  query PortalOrganizations($after: String, $search: String) {
    organizations(first: 20, after: $after, filter: { search: $search }) {
      nodes {
        id
        shortName
        legalName
        people: portalUsers(first: 1) {
          totalCount
        }
        waiting: invitations(first: 1, filter: { status: [PENDING] }) {
          totalCount
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** Where access begins: the clients' people, and the organizations they belong to. */
export function PeopleRoom() {
  const intl = useIntl();
  const [search, setSearch] = useState('');
  return (
    <Room title={intl.formatMessage({ id: 'people.title' })} lead={<FormattedMessage id="people.lead" />}>
      <div className={table['tools']}>
        <Search label={intl.formatMessage({ id: 'people.search' })} onSearch={setSearch} />
      </div>
      <Section title={<FormattedMessage id="people.persons" />}>
        <People search={search} />
      </Section>
      <Section title={<FormattedMessage id="people.organizations" />}>
        <Organizations search={search} />
      </Section>
    </Room>
  );
}

interface PageProps {
  search: string;
  after?: string;
}

function People({ search, after }: PageProps) {
  const answer = useListAnswer(PortalPeopleQuery, { after: after ?? null, search: search || null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ users }) => !after && users.nodes.length === 0,
        show: <Empty title="people.none.title" text={search ? 'people.none.found' : 'people.none.text'} />,
      }}
    >
      {({ users }) => (
        <TableRows pageInfo={users.pageInfo} next={(cursor) => <People search={search} after={cursor} />}>
          {users.nodes.map((user) => (
            <PersonRow key={user.id} user={user} showOrganization />
          ))}
        </TableRows>
      )}
    </Answer>
  );
}

function Organizations({ search, after }: PageProps) {
  const answer = useListAnswer(PortalOrganizationsQuery, { after: after ?? null, search: search || null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ organizations }) => !after && organizations.nodes.length === 0,
        show: <Empty title="people.noOrganization.title" text="people.noOrganization.text" />,
      }}
    >
      {({ organizations }) => (
        <TableRows
          pageInfo={organizations.pageInfo}
          next={(cursor) => <Organizations search={search} after={cursor} />}
        >
          {organizations.nodes.map(({ id, shortName, legalName, people, waiting }) => (
            <li key={id} className={table['row']} data-columns="3">
              <span className={table['who']}>
                <Link to="/access/organizations/$id" params={{ id }}>
                  {shortName}
                </Link>
                <span>{legalName}</span>
              </span>
              <span className={table['cell']}>
                <FormattedMessage id="people.count" values={{ count: people.totalCount }} />
              </span>
              <span className={table['cell']}>
                {waiting.totalCount > 0 && (
                  <Status tone="busy">
                    <FormattedMessage id="people.waiting" values={{ count: waiting.totalCount }} />
                  </Status>
                )}
              </span>
            </li>
          ))}
        </TableRows>
      )}
    </Answer>
  );
}
