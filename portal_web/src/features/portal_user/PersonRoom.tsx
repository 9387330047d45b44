import { useParams } from '@tanstack/react-router';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Section } from '../../ui/Section';
import { NodePage } from '../access/NodePage';
import { LastSignIn, PersonStatus } from '../access/PersonState';
import { Room } from '../access/Room';
import { AccessEditor } from './AccessEditor';
import { EditorFragment } from './editing';
import { PersonActs, PersonActsFragment } from './PersonActs';

const PersonAccessQuery = graphql(
  `
    query PersonAccess($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on User {
          name
          email
          kind
          userStatus: status
          lastSignInAt
          openSessions
          organization {
            id
            shortName
          }
          ...PersonActs_user
          ...Editor_user
        }
      }
    }
  `,
  [PersonActsFragment, EditorFragment],
);

/** One of a client's people: what they have, and what they would have. */
export function PersonRoom() {
  const intl = useIntl();
  const { id } = useParams({ from: '/access/people/$id' });
  const answer = useListAnswer(PersonAccessQuery, { id });
  return (
    <NodePage what="contact" id={id} of={answer} node={({ node }) => (node?.__typename === 'User' && node.kind === 'PORTAL' ? node : null)}>
      {(user) => (
        <Room
          title={user.name}
          over={
            <>
              {user.organization && <span>{user.organization.shortName}</span>}
              <span>{user.email}</span>
              <PersonStatus status={user.userStatus} />
              <LastSignIn at={user.lastSignInAt} />
              {user.openSessions > 0 && <FormattedMessage id="person.sessions" values={{ count: user.openSessions }} />}
            </>
          }
          back={{ to: '/access', name: intl.formatMessage({ id: 'people.back' }) }}
          actions={<PersonActs user={user} />}
        >
          <Section title={<FormattedMessage id="editor.title" />}>
            <AccessEditor user={user} />
          </Section>
        </Room>
      )}
    </NodePage>
  );
}
