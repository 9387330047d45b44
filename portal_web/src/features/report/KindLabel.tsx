import { FormattedMessage } from 'react-intl';

import type { ReportKind } from './kinds';
import styles from './KindLabel.module.css';

/** A report's kind, with the little sign that the lists are scanned by. */
export function KindLabel({ kind }: { kind: ReportKind }) {
  return (
    <span className={styles['kind']} data-kind={kind}>
      <FormattedMessage id={`report.kind.${kind}`} />
    </span>
  );
}
