import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import list from '../../ui/list.module.css';
import { ago } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';

export const NoticeRowFragment = graphql(`
  fragment NoticeRow_notification on Notification {
    id
    noticeKind: kind
    unread
    createdAt
    job {
      id
      title
    }
    changeRequest {
      id
      contact {
        id
        contactName: name
      }
    }
  }
`);

interface NoticeRowProps {
  notice: FragmentOf<typeof NoticeRowFragment>;
  /** It was opened, so it is read. */
  onOpen: () => void;
}

/** Something that happened to what the viewer asked for, and the way to it. */
export function NoticeRow({ notice: masked, onOpen }: NoticeRowProps) {
  const { locale } = useIntl();
  const now = useMinute();
  const { noticeKind, unread, createdAt, job, changeRequest } = readFragment(NoticeRowFragment, masked);
  const contact = changeRequest?.contact;
  const what = (
    <>
      <span className={list['name']}>
        <FormattedMessage id={`notice.${noticeKind}`} values={{ name: job?.title ?? contact?.contactName ?? '' }} />
      </span>
      <time className={list['when']} dateTime={createdAt}>
        {ago(createdAt, now, locale)}
      </time>
      {unread && (
        <span className={list['meta']}>
          <span className={list['new']}>
            <FormattedMessage id="list.new" />
          </span>
        </span>
      )}
    </>
  );
  return (
    <li className={list['row']}>
      {job && (
        <Link to="/jobs/$id" params={{ id: job.id }} onClick={onOpen}>
          {what}
        </Link>
      )}
      {!job && contact && (
        <Link to="/people/$id" params={{ id: contact.id }} onClick={onOpen}>
          {what}
        </Link>
      )}
      {!job && !contact && <div className={list['still']}>{what}</div>}
    </li>
  );
}
