import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import styles from '../../ui/list.module.css';
import { Period } from '../../ui/Moment';
import { Status } from '../../ui/Status';
import { isNew } from '../../ui/visits';
import { KindLabel } from './KindLabel';

export const ReportRowFragment = graphql(`
  fragment ReportRow_report on Report {
    id
    kind
    reportStatus: status
    title
    periodStart
    periodEnd
    publishedAt
    site {
      id
      name
    }
  }
`);

interface ReportRowProps {
  report: FragmentOf<typeof ReportRowFragment>;
  /** In the list of one site its name would only be said again. */
  hideSite?: true;
}

/** A report in a list. */
export function ReportRow({ report: masked, hideSite }: ReportRowProps) {
  const report = readFragment(ReportRowFragment, masked);
  return (
    <li className={styles['row']}>
      <Link to="/reports/$id" params={{ id: report.id }}>
        <span className={styles['name']}>{report.title}</span>
        <span className={styles['when']}>
          <Period start={report.periodStart} end={report.periodEnd} />
        </span>
        <span className={styles['meta']}>
          <KindLabel kind={report.kind} />
          {isNew(report.publishedAt) && (
            <span className={styles['new']}>
              <FormattedMessage id="list.new" />
            </span>
          )}
          {report.site && !hideSite && <span>{report.site.name}</span>}
          {report.reportStatus !== 'PUBLISHED' && (
            <Status tone="quiet">
              <FormattedMessage id={`report.status.${report.reportStatus}`} />
            </Status>
          )}
        </span>
      </Link>
    </li>
  );
}
