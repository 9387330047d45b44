import { Link } from '@tanstack/react-router';
import { FormattedMessage } from 'react-intl';

import { JobRow, JobRowFragment } from '../../features/job/JobRow';
import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import list from '../../ui/list.module.css';
import { Section } from '../../ui/Section';

const WaitingQuery = graphql(
  `
    query Waiting {
      viewer {
        id
        jobs(first: 4, order: SCHEDULED, filter: { status: [REQUESTED] }) {
          nodes {
            id
            ...JobRow_job
          }
        }
        changeRequests(first: 4, filter: { status: [PENDING] }) {
          nodes {
            id
            contact {
              id
              name
            }
          }
        }
      }
    }
  `,
  [JobRowFragment],
);

/** What was asked for and is not answered yet; nothing at all when there is nothing. */
export function Waiting() {
  const answer = useListAnswer(WaitingQuery, {});
  if (answer.is !== 'ready') return null;
  const { jobs, changeRequests } = answer.data.viewer;
  const people = changeRequests.nodes.flatMap(({ id, contact }) => (contact ? [{ id, contact }] : []));
  if (jobs.nodes.length === 0 && people.length === 0) return null;
  return (
    <Section title={<FormattedMessage id="home.waiting" />}>
      <ul className={list['list']}>
        {people.map(({ id, contact }) => (
          <li key={id} className={list['row']}>
            <Link to="/people/$id" params={{ id: contact.id }}>
              <span className={list['name']}>{contact.name}</span>
              <span className={list['meta']}>
                <FormattedMessage id="change.title" />
              </span>
            </Link>
          </li>
        ))}
        {jobs.nodes.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </ul>
    </Section>
  );
}
