import type { ComponentProps, ReactNode } from 'react';

import styles from './Tick.module.css';

interface TickProps extends Omit<ComponentProps<'input'>, 'type' | 'children'> {
  type?: 'checkbox' | 'radio';
  children: ReactNode;
  /** The words are for those who do not see the box's place. */
  bare?: true;
}

/** A box to tick, with its words beside it. */
export function Tick({ type = 'checkbox', children, bare, ...props }: TickProps) {
  return (
    <label className={styles['tick']} data-bare={bare}>
      <input type={type} {...props} />
      <span className={bare && 'visually-hidden'}>{children}</span>
    </label>
  );
}

/** Boxes that belong together, under one name. */
export function Ticks({ name, error, children }: { name: ReactNode; error?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className={styles['ticks']}>
      <legend>{name}</legend>
      {error && <p className={styles['error']}>{error}</p>}
      <div>{children}</div>
    </fieldset>
  );
}
