import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { Moment } from '../../ui/Moment';
import { Station, Timeline } from '../../ui/Timeline';
import { stations } from './stations';
import { JOB_TONES } from './tones';

export const JobTimelineFragment = graphql(`
  fragment JobTimeline_job on Job {
    id
    jobStatus: status
    scheduledAt
    startedAt
    completedAt
    timeline {
      status
      at
    }
    site {
      id
      timeZone
    }
  }
`);

const AHEAD = new Set(['REQUESTED', 'SCHEDULED', 'ON_HOLD']);

/** How a job went so far, and when it is to begin. */
export function JobTimeline({ job: masked }: { job: FragmentOf<typeof JobTimelineFragment> }) {
  const job = readFragment(JobTimelineFragment, masked);
  const { jobStatus, scheduledAt, site } = job;
  const zone = site?.timeZone ?? 'UTC';
  return (
    <Timeline>
      {stations(job).map(({ status, at }) => (
        <Station
          key={at + status}
          tone={JOB_TONES[status]}
          name={<FormattedMessage id={`job.status.${status}`} />}
          when={<Moment at={at} zone={zone} />}
        />
      ))}
      {AHEAD.has(jobStatus) && (
        <Station
          ahead
          tone="busy"
          name={<FormattedMessage id={jobStatus === 'REQUESTED' ? 'job.wished' : 'job.begins'} />}
          when={<Moment at={scheduledAt} zone={zone} />}
        />
      )}
    </Timeline>
  );
}
