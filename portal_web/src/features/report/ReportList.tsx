import type { FragmentOf } from 'gql.tada';
import type { ReactNode } from 'react';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer, type AnswerState } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { ListPage } from '../../ui/ListPage';
import type { ReportKind } from './kinds';
import { periodRange, type PeriodName } from './periods';
import { ReportRow, ReportRowFragment } from './ReportRow';

const ReportPageFragment = graphql(
  `
    fragment ReportList_page on ReportConnection @_unmask {
      nodes {
        id
        ...ReportRow_report
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  `,
  [ReportRowFragment],
);

const ReportListQuery = graphql(
  `
    query ReportList($after: String, $filter: ReportFilter) {
      viewer {
        id
        reports(first: 20, after: $after, filter: $filter) {
          ...ReportList_page
        }
      }
    }
  `,
  [ReportPageFragment],
);

const SiteReportListQuery = graphql(
  `
    query SiteReportList($site: ID!, $after: String, $filter: ReportFilter) {
      node(id: $site) {
        __typename
        id
        ... on Site {
          reports(first: 20, after: $after, filter: $filter) {
            ...ReportList_page
          }
        }
      }
    }
  `,
  [ReportPageFragment],
);

interface ReportListProps {
  kind?: ReportKind | undefined;
  period?: PeriodName | undefined;
  after?: string;
}

type Page = FragmentOf<typeof ReportPageFragment>;

const published = (kind: ReportKind | undefined, period: PeriodName | undefined) => ({
  status: ['PUBLISHED' as const],
  ...(kind && { kind: [kind] }),
  ...(period && { period: periodRange(period) }),
});

/** The published reports the viewer can see anywhere. */
export function ReportList({ kind, period, after }: ReportListProps) {
  const answer = useListAnswer(ReportListQuery, { after: after ?? null, filter: published(kind, period) });
  return (
    <Reports of={answer} page={(data) => data.viewer.reports} filtered={Boolean(kind || period)} after={after}>
      {(cursor) => <ReportList kind={kind} period={period} after={cursor} />}
    </Reports>
  );
}

/** The published reports about one site. */
export function SiteReportList({ site, kind, period, after }: ReportListProps & { site: string }) {
  const answer = useListAnswer(SiteReportListQuery, { site, after: after ?? null, filter: published(kind, period) });
  return (
    <Reports
      of={answer}
      page={({ node }) => (node?.__typename === 'Site' ? node.reports : undefined)}
      filtered={Boolean(kind || period)}
      hideSite
      after={after}
    >
      {(cursor) => <SiteReportList site={site} kind={kind} period={period} after={cursor} />}
    </Reports>
  );
}

interface ReportsProps<Data> {
  of: AnswerState<Data>;
  page: (data: Data) => Page | undefined;
  filtered: boolean;
  hideSite?: true;
  after: string | undefined;
  children: (after: string) => ReactNode;
}

const NO_PAGE: Page = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

function Reports<Data>({ of, page, filtered, hideSite, after, children }: ReportsProps<Data>) {
  const text = filtered ? 'reports.empty.filtered' : 'reports.empty.text';
  const when = (data: Data) => !after && (page(data)?.nodes.length ?? 0) === 0;
  return (
    <Answer of={of} empty={{ when, show: <Empty title="reports.empty.title" text={text} /> }}>
      {(data) => {
        const { nodes, pageInfo } = page(data) ?? NO_PAGE;
        return (
          <ListPage pageInfo={pageInfo} next={children}>
            {nodes.map((report) => (
              <ReportRow key={report.id} report={report} {...(hideSite && { hideSite })} />
            ))}
          </ListPage>
        );
      }}
    </Answer>
  );
}
