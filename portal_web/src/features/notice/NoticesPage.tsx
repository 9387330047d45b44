import { Button } from '@mantine/core';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { useCommand } from '../../gql/useCommand';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { ListPage } from '../../ui/ListPage';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { NoticeRow, NoticeRowFragment } from './NoticeRow';
import { useRead } from './useRead';

const NoticesQuery = graphql(
  `
    query Notices($after: String) {
      viewer {
        id
        notifications(first: 20, after: $after) {
          nodes {
            id
            unread
            ...NoticeRow_notification
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [NoticeRowFragment],
);

const ReadAllMutation = graphql(`
  mutation ReadAllNotices($upTo: ID!) {
    markNotificationsRead(input: { upTo: $upTo }) {
      notification {
        id
        unread
        readAt
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

/** What happened to what the viewer asked for. */
export function NoticesPage() {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'notices.title' });
  return (
    <div className={styles['page']}>
      <PageHeading title={title}>{title}</PageHeading>
      <section aria-label={title}>
        <Notices />
      </section>
    </div>
  );
}

function Notices({ after }: { after?: string }) {
  const answer = useListAnswer(NoticesQuery, { after: after ?? null });
  const read = useRead();
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ viewer }) => !after && viewer.notifications.nodes.length === 0,
        show: <Empty title="notices.empty.title" text="notices.empty.text" />,
      }}
    >
      {({ viewer: { notifications } }) => (
        <>
          {!after && notifications.nodes.some(({ unread }) => unread) && <ReadAll upTo={notifications.nodes[0]?.id} />}
          <ListPage pageInfo={notifications.pageInfo} next={(cursor) => <Notices after={cursor} />}>
            {notifications.nodes.map((notice) => (
              <NoticeRow key={notice.id} notice={notice} onOpen={() => notice.unread && read(notice.id)} />
            ))}
          </ListPage>
        </>
      )}
    </Answer>
  );
}

function ReadAll({ upTo }: { upTo: string | undefined }) {
  const { running, run } = useCommand(ReadAllMutation);
  if (!upTo) return null;
  return (
    <Button variant="default" size="sm" loading={running} onClick={() => void run({ upTo })}>
      <FormattedMessage id="notices.readAll" />
    </Button>
  );
}
