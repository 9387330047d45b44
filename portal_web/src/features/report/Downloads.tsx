import { FormattedMessage } from 'react-intl';

import { Icon } from '../../ui/Icon';
import styles from './Downloads.module.css';

const FORMATS = ['html', 'csv', 'json'] as const;

/** The report as a file. The server looks at the right again when it is fetched. */
export function Downloads({ id }: { id: string }) {
  return (
    <p className={styles['downloads']}>
      <Icon name="download" />
      <FormattedMessage id="report.download" />
      {FORMATS.map((format) => (
        <a key={format} href={`/files/reports/${id}.${format}`} download>
          {format.toUpperCase()}
        </a>
      ))}
    </p>
  );
}
