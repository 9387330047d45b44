import { Link, useParams } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Icon } from '../../ui/Icon';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { Prose } from '../../ui/Prose';
import { Section } from '../../ui/Section';
import { Status } from '../../ui/Status';
import { NodePage } from '../access/NodePage';
import { JobFacts, JobFactsFragment } from './JobFacts';
import { JobNotes, JobNotesFragment } from './JobNotes';
import { JobTimeline, JobTimelineFragment } from './JobTimeline';
import { JOB_TONES } from './tones';
import { WithdrawRequest, WithdrawRequestFragment } from './WithdrawRequest';

export const JobDetailFragment = graphql(
  `
    fragment JobDetail_job on Job {
      id
      reference
      title
      jobStatus: status
      description
      ...JobFacts_job
      ...JobNotes_job
      ...JobTimeline_job
      ...WithdrawRequest_job
    }
  `,
  [JobFactsFragment, JobNotesFragment, JobTimelineFragment, WithdrawRequestFragment],
);

const JobQuery = graphql(
  `
    query Job($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Job {
          ...JobDetail_job
        }
      }
    }
  `,
  [JobDetailFragment],
);

/** One job. */
export function JobPage() {
  const { id } = useParams({ from: '/jobs/$id' });
  return (
    <div className={styles['page']}>
      <Link to="/jobs" className={styles['back']}>
        <Icon name="back" />
        <FormattedMessage id="nav.back.jobs" />
      </Link>
      <Loaded key={id} id={id} />
    </div>
  );
}

function Loaded({ id }: { id: string }) {
  const answer = useAnswer(JobQuery, { id });
  return (
    <NodePage what="job" id={id} of={answer} node={({ node }) => (node?.__typename === 'Job' ? node : null)}>
      {(job) => <JobDetail job={job} />}
    </NodePage>
  );
}

function JobDetail({ job: masked }: { job: FragmentOf<typeof JobDetailFragment> }) {
  const intl = useIntl();
  const job = readFragment(JobDetailFragment, masked);
  const over = (
    <>
      <span>{job.reference}</span>
      <Status tone={JOB_TONES[job.jobStatus]}>
        <FormattedMessage id={`job.status.${job.jobStatus}`} />
      </Status>
    </>
  );
  return (
    <article className={styles['node']}>
      <PageHeading title={job.title} over={over}>
        {job.title}
      </PageHeading>
      <JobFacts job={job} />
      <div className={styles['columns']}>
        <div className={styles['page']}>
          <Section title={intl.formatMessage({ id: 'job.description' })}>
            {job.description ? <Prose text={job.description} /> : <FormattedMessage id="job.noDescription" tagName="p" />}
          </Section>
          <JobNotes job={job} />
        </div>
        <Section title={intl.formatMessage({ id: 'job.timeline' })}>
          <JobTimeline job={job} />
          <WithdrawRequest job={job} />
        </Section>
      </div>
    </article>
  );
}
