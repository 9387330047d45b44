import type { FragmentOf } from 'gql.tada';
import { Link } from '@tanstack/react-router';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Icon } from '../../ui/Icon';
import list from '../../ui/list.module.css';
import { Section } from '../../ui/Section';
import { NoticeRow, NoticeRowFragment } from './NoticeRow';
import styles from './Unread.module.css';
import { useRead } from './useRead';

/** The unread notices of a viewer: the push of their access carries the same selection, so both are always right. */
export const UnreadFragment = graphql(
  `
    fragment Unread_viewer on Viewer @_unmask {
      id
      notifications(first: 5, filter: { unread: true }) {
        totalCount
        nodes {
          id
          ...NoticeRow_notification
        }
      }
    }
  `,
  [NoticeRowFragment],
);

const UnreadQuery = graphql(
  `
    query Unread {
      viewer {
        ...Unread_viewer
      }
    }
  `,
  [UnreadFragment],
);

/** The way to the notices, and how many are unread. */
export function Bell() {
  const answer = useListAnswer(UnreadQuery, {});
  const count = answer.is === 'ready' ? answer.data.viewer.notifications.totalCount : 0;
  return (
    <Link to="/notices" className={styles['bell']}>
      <Icon name="bell" />
      <span className={styles['word']}>
        <FormattedMessage id="notices.title" />
      </span>
      {count > 0 && (
        <span className={styles['count']} data-testid="unread">
          {count > 99 ? '99+' : count}
          <span className="visually-hidden">
            {' '}
            <FormattedMessage id="notices.unread" />
          </span>
        </span>
      )}
    </Link>
  );
}

/** What is unread, at the head of a page; nothing at all when there is nothing. */
export function Unread({ viewer }: { viewer: FragmentOf<typeof UnreadFragment> }) {
  const read = useRead();
  const { nodes } = viewer.notifications;
  if (nodes.length === 0) return null;
  return (
    <Section
      title={<FormattedMessage id="notices.forYou" />}
      more={
        <Link to="/notices">
          <FormattedMessage id="notices.all" />
        </Link>
      }
    >
      <ul className={list['list']}>
        {nodes.map((notice) => (
          <NoticeRow key={notice.id} notice={notice} onOpen={() => read(notice.id)} />
        ))}
      </ul>
    </Section>
  );
}
