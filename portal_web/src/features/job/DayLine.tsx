import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { dayFraction, timeInZone } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import styles from './DayLine.module.css';
import { isLate, lanes } from './lanes';

export const DayLineFragment = graphql(`
  fragment DayLine_job on Job {
    id
    title
    jobStatus: status
    scheduledAt
    durationMinutes
    site {
      id
      name
      timeZone
    }
  }
`);

const HOURS = Array.from({ length: 25 }, (_, hour) => hour);
const LANE = 34;
const TOP = 26;
const UNKNOWN_DURATION = 45;

interface DayLineProps {
  jobs: readonly FragmentOf<typeof DayLineFragment>[];
  /** The zone of the clock hand; undefined where the jobs are in several. */
  zone: string | undefined;
}

/** The jobs of a day on the clocks of their sites, drawn on a line with a tick for each hour. */
export function DayLine({ jobs: masked, zone }: DayLineProps) {
  const { locale } = useIntl();
  const now = useMinute();
  const drawn = lanes(
    masked.map((one) => {
      const job = readFragment(DayLineFragment, one);
      const start = dayFraction(job.scheduledAt, job.site?.timeZone ?? 'UTC');
      return { job, start, end: Math.min(1, start + (job.durationMinutes ?? UNKNOWN_DURATION) / 1440) };
    }),
  );
  const height = TOP + LANE * Math.max(1, drawn.lanes);
  return (
    <div className={styles['day']} style={{ height }}>
      <svg aria-hidden="true" width="100%" height={height}>
        {HOURS.map((hour) => (
          <line
            key={hour}
            x1={`${(hour / 24) * 100}%`}
            x2={`${(hour / 24) * 100}%`}
            y1={hour % 6 === 0 ? 15 : 19}
            y2={hour % 6 === 0 ? height : 24}
            className={styles[hour % 6 === 0 ? 'major' : 'minor']}
          />
        ))}
        <line x1="0" x2="100%" y1="21.5" y2="21.5" className={styles['line']} />
        {zone && (
          <line
            x1={`${dayFraction(now, zone) * 100}%`}
            x2={`${dayFraction(now, zone) * 100}%`}
            y1="13"
            y2={height}
            className={styles['now']}
          />
        )}
      </svg>
      {[0, 6, 12, 18, 24].map((hour) => (
        <span key={hour} aria-hidden="true" className={styles['hour']} style={{ left: `${(hour / 24) * 100}%` }}>
          {String(hour).padStart(2, '0')}
        </span>
      ))}
      <ul>
        {drawn.items.map(({ of: { job, start, end }, lane }) => (
          <li
            key={job.id}
            style={{ left: `${start * 100}%`, width: `${(end - start) * 100}%`, top: TOP + lane * LANE + 6 }}
          >
            <Link to="/jobs/$id" params={{ id: job.id }} data-status={job.jobStatus} data-late={isLate(start)}>
              <span>
                <time dateTime={job.scheduledAt}>{timeInZone(job.scheduledAt, job.site?.timeZone ?? 'UTC', locale)}</time>{' '}
                {job.title}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
