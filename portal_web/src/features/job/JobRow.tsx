import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import styles from '../../ui/list.module.css';
import { Moment } from '../../ui/Moment';
import { Status } from '../../ui/Status';
import { Priority } from './Priority';
import { JOB_TONES } from './tones';

export const JobRowFragment = graphql(`
  fragment JobRow_job on Job {
    id
    title
    jobStatus: status
    priority
    scheduledAt
    site {
      id
      name
      timeZone
    }
  }
`);

interface JobRowProps {
  job: FragmentOf<typeof JobRowFragment>;
  /** In the list of one site its name would only be said again. */
  hideSite?: true;
}

/** A job in a list. A job without a site to see has no place whose clock could be shown; UTC is then named. */
export function JobRow({ job: masked, hideSite }: JobRowProps) {
  const job = readFragment(JobRowFragment, masked);
  return (
    <li className={styles['row']}>
      <Link to="/jobs/$id" params={{ id: job.id }}>
        <span className={styles['name']}>{job.title}</span>
        <span className={styles['when']}>
          <Moment at={job.scheduledAt} zone={job.site?.timeZone ?? 'UTC'} />
        </span>
        <span className={styles['meta']}>
          {job.site && !hideSite && <span>{job.site.name}</span>}
          <Status tone={JOB_TONES[job.jobStatus]}>
            <FormattedMessage id={`job.status.${job.jobStatus}`} />
          </Status>
          {(job.priority === 'HIGH' || job.priority === 'CRITICAL') && <Priority priority={job.priority} />}
        </span>
      </Link>
    </li>
  );
}
