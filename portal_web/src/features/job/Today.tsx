import type { FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import page from '../../ui/page.module.css';
import { dateInZone } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import { DayLine, DayLineFragment } from './DayLine';
import { todayWindow } from './spans';

const TodayJobFragment = graphql(`
  fragment TodayJob_job on Job @_unmask {
    id
    scheduledAt
    site {
      id
      timeZone
    }
  }
`);

const TodayQuery = graphql(
  `
    query Today($filter: JobFilter!) {
      viewer {
        id
        jobs(first: 40, order: SCHEDULED, filter: $filter) {
          nodes {
            ...TodayJob_job
            ...DayLine_job
          }
        }
      }
    }
  `,
  [TodayJobFragment, DayLineFragment],
);

type TodayJob = FragmentOf<typeof TodayJobFragment>;

/** What is done today, wherever it is: today is the day that the site's calendar shows. */
export function Today() {
  const now = useMinute();
  const answer = useListAnswer(TodayQuery, { filter: todayWindow(Date.parse(now)) });
  const today = <Job extends TodayJob>(jobs: readonly Job[]) => jobs.filter((job) => isToday(job, now));
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ viewer }) => today(viewer.jobs.nodes).length === 0,
        show: (
          <p className={page['quiet']}>
            <FormattedMessage id="home.today.none" />
          </p>
        ),
      }}
    >
      {({ viewer }) => {
        const jobs = today(viewer.jobs.nodes);
        const zones = new Set(jobs.map(zoneOf));
        return <DayLine jobs={jobs} zone={zones.size === 1 ? [...zones][0] : undefined} />;
      }}
    </Answer>
  );
}

const zoneOf = (job: TodayJob) => job.site?.timeZone ?? 'UTC';

function isToday(job: TodayJob, now: string): boolean {
  return dateInZone(job.scheduledAt, zoneOf(job)) === dateInZone(now, zoneOf(job));
}
