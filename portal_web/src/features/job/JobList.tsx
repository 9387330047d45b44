import type { FragmentOf } from 'gql.tada';
import type { ReactNode } from 'react';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer, type AnswerState } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { ListPage } from '../../ui/ListPage';
import { JobRow, JobRowFragment } from './JobRow';
import { jobWindow, type Span } from './spans';

const JobPageFragment = graphql(
  `
    fragment JobList_page on JobConnection @_unmask {
      nodes {
        id
        ...JobRow_job
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  `,
  [JobRowFragment],
);

const JobListQuery = graphql(
  `
    query JobList($first: Int!, $after: String, $order: JobOrder!, $filter: JobFilter) {
      viewer {
        id
        jobs(first: $first, after: $after, order: $order, filter: $filter) {
          ...JobList_page
        }
      }
    }
  `,
  [JobPageFragment],
);

const SiteJobListQuery = graphql(
  `
    query SiteJobList($site: ID!, $first: Int!, $after: String, $order: JobOrder!, $filter: JobFilter) {
      node(id: $site) {
        __typename
        id
        ... on Site {
          jobs(first: $first, after: $after, order: $order, filter: $filter) {
            ...JobList_page
          }
        }
      }
    }
  `,
  [JobPageFragment],
);

interface JobListProps {
  span: Span;
  first?: number;
  after?: string;
  /** Stops after the first page; a link beside it leads to the rest. */
  brief?: true;
}

type Page = FragmentOf<typeof JobPageFragment>;

/** Jobs at all places of the viewer. */
export function JobList({ span, first = 20, after, brief }: JobListProps) {
  const answer = useListAnswer(JobListQuery, { first, after: after ?? null, ...jobWindow(span) });
  return (
    <Jobs of={answer} page={(data) => data.viewer.jobs} span={span} after={after}>
      {brief ? null : (cursor) => <JobList span={span} first={first} after={cursor} />}
    </Jobs>
  );
}

/** Jobs at one site. */
export function SiteJobList({ site, span, first = 20, after }: JobListProps & { site: string }) {
  const answer = useListAnswer(SiteJobListQuery, { site, first, after: after ?? null, ...jobWindow(span) });
  return (
    <Jobs
      of={answer}
      page={({ node }) => (node?.__typename === 'Site' ? node.jobs : undefined)}
      span={span}
      hideSite
      after={after}
    >
      {(cursor) => <SiteJobList site={site} span={span} first={first} after={cursor} />}
    </Jobs>
  );
}

interface JobsProps<Data> {
  of: AnswerState<Data>;
  page: (data: Data) => Page | undefined;
  span: Span;
  hideSite?: true;
  after: string | undefined;
  children: ((after: string) => ReactNode) | null;
}

const NO_PAGE: Page = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

function Jobs<Data>({ of, page, span, hideSite, after, children }: JobsProps<Data>) {
  const when = (data: Data) => !after && (page(data)?.nodes.length ?? 0) === 0;
  return (
    <Answer of={of} empty={{ when, show: <Empty title="jobs.empty.title" text={`jobs.empty.${span === 'later' ? 'upcoming' : span}`} /> }}>
      {(data) => {
        const { nodes, pageInfo } = page(data) ?? NO_PAGE;
        return (
          <ListPage pageInfo={children ? pageInfo : NO_PAGE.pageInfo} next={children ?? (() => null)}>
            {nodes.map((job) => (
              <JobRow key={job.id} job={job} {...(hideSite && { hideSite })} />
            ))}
          </ListPage>
        );
      }}
    </Answer>
  );
}
