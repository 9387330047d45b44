import { readFragment, type FragmentOf } from 'gql.tada';
import { useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { Prose } from '../../ui/Prose';
import { Section } from '../../ui/Section';

export const JobNotesFragment = graphql(`
  fragment JobNotes_job on Job {
    id
    internalNotes
  }
`);

/** Notes for the company's own people; for everybody else there is nothing to tell that they exist. */
export function JobNotes({ job: masked }: { job: FragmentOf<typeof JobNotesFragment> }) {
  const intl = useIntl();
  const { internalNotes } = readFragment(JobNotesFragment, masked);
  if (!internalNotes) return null;
  return (
    <Section title={intl.formatMessage({ id: 'job.internalNotes' })}>
      <Prose text={internalNotes} />
    </Section>
  );
}
