import { FormattedMessage } from 'react-intl';

import styles from './Skeleton.module.css';

/** Lines of a list that is still coming. */
export function Rows({ count = 3 }: { count?: number }) {
  return (
    <div className={styles['rows']}>
      <span className="visually-hidden">
        <FormattedMessage id="list.loading" />
      </span>
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className={styles['row']}>
          <span className={styles['bar']} />
          <span className={styles['bar']} />
        </div>
      ))}
    </div>
  );
}
