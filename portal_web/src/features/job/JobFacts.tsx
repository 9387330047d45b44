import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage, FormattedNumber, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { Fact, Facts } from '../../ui/Facts';
import { Moment } from '../../ui/Moment';
import { dayInZone, differsHere, timeInZone } from '../../ui/time';
import { Permitted } from '../access/Permitted';
import styles from './JobFacts.module.css';
import { Priority } from './Priority';

export const JobFactsFragment = graphql(`
  fragment JobFacts_job on Job {
    id
    viewerPermissions
    priority
    scheduledAt
    durationMinutes
    startedAt
    completedAt
    cost {
      amount
      currencyCode
    }
    site {
      id
      name
      timeZone
    }
    service {
      id
      name
    }
  }
`);

/** The facts of a job, in the site's time. */
export function JobFacts({ job: masked }: { job: FragmentOf<typeof JobFactsFragment> }) {
  const intl = useIntl();
  const job = readFragment(JobFactsFragment, masked);
  const zone = job.site?.timeZone ?? 'UTC';
  const minutes = job.durationMinutes ?? 0;
  return (
    <Facts>
      <Fact name={intl.formatMessage({ id: 'job.scheduled' })}>
        <Moment at={job.scheduledAt} zone={zone} />
        <HereTime at={job.scheduledAt} zone={zone} />
      </Fact>
      {job.site && (
        <Fact name={intl.formatMessage({ id: 'job.site' })}>
          <Link to="/sites/$id" params={{ id: job.site.id }}>
            {job.site.name}
          </Link>
        </Fact>
      )}
      {job.service && <Fact name={intl.formatMessage({ id: 'request.service' })}>{job.service.name}</Fact>}
      <Fact name={intl.formatMessage({ id: 'job.priority' })}>
        <Priority priority={job.priority} />
      </Fact>
      {minutes > 0 && (
        <Fact name={intl.formatMessage({ id: 'job.duration' })}>
          <FormattedMessage
            id="job.duration.value"
            values={{ hours: Math.floor(minutes / 60), minutes: minutes % 60 }}
          />
        </Fact>
      )}
      {job.startedAt && (
        <Fact name={intl.formatMessage({ id: 'job.started' })}>
          <Moment at={job.startedAt} zone={zone} />
        </Fact>
      )}
      {job.completedAt && (
        <Fact name={intl.formatMessage({ id: 'job.completed' })}>
          <Moment at={job.completedAt} zone={zone} />
        </Fact>
      )}
      <Fact name={intl.formatMessage({ id: 'job.cost' })}>
        <Permitted to="VIEW_JOB_COST" at={job}>
          {job.cost ? (
            <FormattedNumber style="currency" currency={job.cost.currencyCode} value={Number(job.cost.amount)} />
          ) : (
            '–'
          )}
        </Permitted>
      </Fact>
    </Facts>
  );
}

/** The same instant on the reader's clock, if that shows something else. */
function HereTime({ at, zone }: { at: string; zone: string }) {
  const { locale } = useIntl();
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!differsHere(at, zone, here)) return null;
  const otherDay = dayInZone(at, zone, locale) !== dayInZone(at, here, locale);
  const time = [otherDay && dayInZone(at, here, locale), timeInZone(at, here, locale)].filter(Boolean).join(', ');
  return (
    <span className={styles['here']}>
      <FormattedMessage id="job.yours" values={{ time }} />
    </span>
  );
}
