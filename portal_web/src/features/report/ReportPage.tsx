import { Link, useParams } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { lazy, Suspense } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Fact, Facts } from '../../ui/Facts';
import { Icon } from '../../ui/Icon';
import { Moment, Period } from '../../ui/Moment';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { Prose } from '../../ui/Prose';
import { NodePage } from '../access/NodePage';
import { Downloads } from './Downloads';
import { KindLabel } from './KindLabel';

// Few reports have figures, so their drawing is loaded with the first that does.
const Figures = lazy(async () => ({ default: (await import('./Figures')).Figures }));

export const ReportTextFragment = graphql(`
  fragment ReportText_report on Report {
    id
    kind
    title
    summary
    body
    periodStart
    periodEnd
    publishedAt
    site {
      id
      name
      timeZone
    }
    job {
      id
      title
    }
    figures {
      title
      unit
      points {
        label
        value
      }
    }
  }
`);

const ReportQuery = graphql(
  `
    query Report($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Report {
          ...ReportText_report
        }
      }
    }
  `,
  [ReportTextFragment],
);

/** One report, to be read. */
export function ReportPage() {
  const { id } = useParams({ from: '/reports/$id' });
  return (
    <div className={styles['page']}>
      <Link to="/reports" className={styles['back']}>
        <Icon name="back" />
        <FormattedMessage id="nav.back.reports" />
      </Link>
      <Loaded key={id} id={id} />
    </div>
  );
}

function Loaded({ id }: { id: string }) {
  const answer = useAnswer(ReportQuery, { id });
  return (
    <NodePage what="report" id={id} of={answer} node={({ node }) => (node?.__typename === 'Report' ? node : null)}>
      {(report) => <ReportText report={report} />}
    </NodePage>
  );
}

function ReportText({ report: masked }: { report: FragmentOf<typeof ReportTextFragment> }) {
  const intl = useIntl();
  const report = readFragment(ReportTextFragment, masked);
  return (
    <article className={styles['node']}>
      <div className={styles['topped']}>
        <PageHeading title={report.title} over={<KindLabel kind={report.kind} />}>
          {report.title}
        </PageHeading>
        <Downloads id={report.id} />
      </div>
      {report.summary && <p className={styles['standfirst']}>{report.summary}</p>}
      <Facts>
        <Fact name={intl.formatMessage({ id: 'report.period' })}>
          <Period start={report.periodStart} end={report.periodEnd} />
        </Fact>
        {report.site && (
          <Fact name={intl.formatMessage({ id: 'report.site' })}>
            <Link to="/sites/$id" params={{ id: report.site.id }}>
              {report.site.name}
            </Link>
          </Fact>
        )}
        {report.job && (
          <Fact name={intl.formatMessage({ id: 'report.job' })}>
            <Link to="/jobs/$id" params={{ id: report.job.id }}>
              {report.job.title}
            </Link>
          </Fact>
        )}
        {report.publishedAt && (
          <Fact name={intl.formatMessage({ id: 'report.published' })}>
            <Moment at={report.publishedAt} zone={report.site?.timeZone ?? 'UTC'} />
          </Fact>
        )}
      </Facts>
      {report.figures.length > 0 && (
        <Suspense fallback={null}>
          <Figures figures={report.figures} />
        </Suspense>
      )}
      {report.body ? <Prose text={report.body} /> : <FormattedMessage id="report.noBody" tagName="p" />}
    </article>
  );
}
