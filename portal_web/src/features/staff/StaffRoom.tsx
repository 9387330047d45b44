import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';
import { Button } from '@mantine/core';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { Icon } from '../../ui/Icon';
import { Section } from '../../ui/Section';
import table from '../../ui/table.module.css';
import { TableRows } from '../../ui/TableRows';
import { LastSignIn, PersonStatus } from '../access/PersonState';
import { Room } from '../access/Room';
import { Suspension, SuspensionFragment } from '../access/Suspension';
import { useWho } from '../access/who';
import { AddStaff } from './AddStaff';
import { RoleMatrix } from './RoleMatrix';
import { StaffRoles, StaffRolesFragment } from './StaffRoles';

const StaffRowFragment = graphql(
  `
    fragment StaffRow_user on User {
      id
      name
      email
      staffStatus: status
      lastSignInAt
      viewerPermissions
      membership {
        id
        jobTitle
      }
      ...StaffRoles_user
      ...Suspension_user
    }
  `,
  [StaffRolesFragment, SuspensionFragment],
);

const StaffQuery = graphql(
  `
    query Staff($after: String) {
      viewer {
        id
        permissions
      }
      users(first: 30, after: $after, filter: { kind: [STAFF] }) {
        nodes {
          id
          ...StaffRow_user
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [StaffRowFragment],
);

/** The members of the staff and what each of them may do where. */
export function StaffRoom() {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'staff.title' });
  const [adding, setAdding] = useState(false);
  const answer = useListAnswer(StaffQuery, { after: null });
  const who = useWho();
  const mayAdd =
    answer.is === 'ready' && answer.data.viewer.permissions.includes('MANAGE_STAFF_ACCESS') && !adding && !who?.viewedBy;
  return (
    <Room
      title={title}
      lead={<FormattedMessage id="staff.lead" />}
      actions={
        mayAdd && (
          <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            <FormattedMessage id="staff.add" />
          </Button>
        )
      }
    >
      {adding && (
        <Section title={<FormattedMessage id="staff.add" />}>
          <AddStaff onDone={() => setAdding(false)} />
        </Section>
      )}
      <section aria-label={title}>
        <Members />
      </section>
      <Section title={<FormattedMessage id="staff.matrix" />}>
        <RoleMatrix />
      </Section>
    </Room>
  );
}

function Members({ after }: { after?: string }) {
  const answer = useListAnswer(StaffQuery, { after: after ?? null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ users }) => !after && users.nodes.length === 0,
        show: <Empty title="staff.none.title" text="staff.none.text" />,
      }}
    >
      {({ users }) => (
        <TableRows pageInfo={users.pageInfo} next={(cursor) => <Members after={cursor} />}>
          {users.nodes.map((user) => (
            <Member key={user.id} user={user} />
          ))}
        </TableRows>
      )}
    </Answer>
  );
}

function Member({ user: masked }: { user: FragmentOf<typeof StaffRowFragment> }) {
  const who = useWho();
  const user = readFragment(StaffRowFragment, masked);
  const self = user.id === who?.user?.id;
  // What somebody may do themselves, others decide.
  const mayChange = user.viewerPermissions.includes('MANAGE_STAFF_ACCESS') && !self && !who?.viewedBy;
  return (
    <li className={table['row']} data-testid="member">
      <span className={table['who']}>
        <strong>
          {user.name}
          {self && (
            <>
              {' '}
              <FormattedMessage id="staff.self" />
            </>
          )}
        </strong>
        <span>{[user.membership?.jobTitle, user.email].filter(Boolean).join(' · ')}</span>
      </span>
      <StaffRoles user={user} mayChange={mayChange} />
      <span className={table['cell']}>
        <PersonStatus status={user.staffStatus} />
        <span className={table['when']}>
          <LastSignIn at={user.lastSignInAt} />
        </span>
      </span>
      <span className={table['acts']}>{mayChange && <Suspension user={user} small />}</span>
    </li>
  );
}
