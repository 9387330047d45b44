import type { ReactNode } from 'react';

import type { Tone } from './Status';
import styles from './Timeline.module.css';

/** What happened, oldest first, along a line. */
export function Timeline({ children }: { children: ReactNode }) {
  return <ol className={styles['timeline']}>{children}</ol>;
}

interface StationProps {
  tone: Tone;
  /** What happened, or is to happen. */
  name: ReactNode;
  /** When, in words. */
  when?: ReactNode;
  /** It lies ahead. */
  ahead?: boolean;
  children?: ReactNode;
}

export function Station({ tone, name, when, ahead = false, children }: StationProps) {
  return (
    <li data-tone={tone} data-ahead={ahead}>
      <span className={styles['name']}>{name}</span>
      {when && <span className={styles['when']}>{when}</span>}
      {children}
    </li>
  );
}
