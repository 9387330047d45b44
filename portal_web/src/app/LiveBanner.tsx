import { useEffect, useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { useConnection } from '../features/access/connection';
import styles from './LiveBanner.module.css';

/** A short break is nobody's concern. */
const PATIENCE = 2000;

/** Says that the page may be behind, once that has lasted. */
export function LiveBanner() {
  const connection = useConnection();
  const [late, setLate] = useState(false);
  const waiting = connection === 'reconnecting';
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [waiting]);
  const shown = connection === 'refused' ? 'refused' : waiting && late ? 'reconnecting' : undefined;
  if (!shown) return null;
  return (
    <p className={styles['banner']} data-testid="live-banner">
      <FormattedMessage id={`live.banner.${shown}`} />
    </p>
  );
}
