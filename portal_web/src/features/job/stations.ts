import type { graphql } from '../../gql/graphql';

type JobStatus = ReturnType<typeof graphql.scalar<'JobStatus'>>;

export interface StatusAt {
  status: JobStatus;
  at: string;
}

interface Job {
  timeline: readonly StatusAt[];
  startedAt: string | null;
  completedAt: string | null;
}

/**
 * How a job went. What was entered afterwards, as by an import, counts when it was done and not when it was entered:
 * so the times of beginning and end are those of the job, and the beginning is there also if nobody entered it.
 */
export function stations({ timeline, startedAt, completedAt }: Job): StatusAt[] {
  const begun = timeline.some(({ status }) => status === 'IN_PROGRESS');
  const known = timeline.map(({ status, at }): StatusAt => {
    if (status === 'IN_PROGRESS' && startedAt && startedAt < at) return { status, at: startedAt };
    if (status === 'COMPLETED' && completedAt) return { status, at: completedAt };
    return { status, at };
  });
  if (startedAt && !begun) known.push({ status: 'IN_PROGRESS', at: startedAt });
  return known.toSorted((one, other) => one.at.localeCompare(other.at));
}
