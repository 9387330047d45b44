import { FormattedMessage } from 'react-intl';

import type { graphql } from '../../gql/graphql';
import styles from './Priority.module.css';

/** How urgent a job is; the sign is louder the more urgent it is. */
export function Priority({ priority }: { priority: ReturnType<typeof graphql.scalar<'JobPriority'>> }) {
  return (
    <span className={styles['priority']} data-priority={priority}>
      <FormattedMessage id={`job.priority.${priority}`} />
    </span>
  );
}
