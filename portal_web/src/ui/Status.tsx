import type { ReactNode } from 'react';

import styles from './Status.module.css';

export type Tone = 'calm' | 'busy' | 'good' | 'warm' | 'quiet';

/** A state in a word, with a dot of its tone. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={styles['status']} data-tone={tone}>
      {children}
    </span>
  );
}
