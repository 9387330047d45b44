import type { graphql } from '../../gql/graphql';
import type { Tone } from '../../ui/Status';

type JobStatus = ReturnType<typeof graphql.scalar<'JobStatus'>>;

export const JOB_TONES: Record<JobStatus, Tone> = {
  REQUESTED: 'quiet',
  SCHEDULED: 'calm',
  IN_PROGRESS: 'busy',
  ON_HOLD: 'warm',
  COMPLETED: 'good',
  CANCELLED: 'quiet',
};
