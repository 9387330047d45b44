import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { ListPage } from '../../ui/ListPage';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { ContactRow, ContactRowFragment } from './ContactRow';

const PeopleQuery = graphql(
  `
    query People($after: String) {
      viewer {
        id
        contacts(first: 30, after: $after) {
          nodes {
            id
            ...ContactRow_contact
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [ContactRowFragment],
);

/** Everybody the viewer can reach, by name. */
export function PeoplePage() {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'contacts.title' });
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <PageHeading title={title}>{title}</PageHeading>
        <p className={styles['lead']}>
          <FormattedMessage id="contacts.lead" />
        </p>
      </header>
      <section aria-label={title}>
        <People />
      </section>
    </div>
  );
}

function People({ after }: { after?: string }) {
  const answer = useListAnswer(PeopleQuery, { after: after ?? null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ viewer }) => !after && viewer.contacts.nodes.length === 0,
        show: <Empty title="contacts.empty.title" text="contacts.empty.text" />,
      }}
    >
      {({ viewer }) => (
        <ListPage pageInfo={viewer.contacts.pageInfo} next={(cursor) => <People after={cursor} />}>
          {viewer.contacts.nodes.map((contact) => (
            <ContactRow key={contact.id} contact={contact} />
          ))}
        </ListPage>
      )}
    </Answer>
  );
}
