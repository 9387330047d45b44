import type { ReactNode } from 'react';

import { Mark } from './Mark';
import styles from './Screen.module.css';

/** A whole window with a few words and nothing else. */
export function Screen({ children }: { children: ReactNode }) {
  return (
    <main className={styles['screen']}>
      <div className={styles['mark']}>
        <Mark size={40} />
      </div>
      <div>{children}</div>
    </main>
  );
}
