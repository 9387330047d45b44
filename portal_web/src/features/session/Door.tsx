import type { ReactNode } from 'react';
import { FormattedMessage } from 'react-intl';

import { LanguageChoice } from '../../ui/LanguageChoice';
import { Mark } from '../../ui/Mark';
import { PageHeading } from '../../ui/PageHeading';
import styles from './Door.module.css';
import { Elevation } from './Elevation';

interface DoorProps {
  title: string;
  lead?: ReactNode;
  /** The heading takes the focus, because what had it is gone. */
  focused?: true;
  children: ReactNode;
}

/** Everything that stands before the portal looks like this: a few words, a form, and the house it leads to. */
export function Door({ title, lead, focused, children }: DoorProps) {
  return (
    <div className={styles['page']}>
      <main className={styles['door']}>
        <div className={styles['brand']}>
          <Mark />
          <FormattedMessage id="app.name" />
        </div>
        <div className={styles['form']}>
          <PageHeading title={title} {...(focused && { focused })}>
            {title}
          </PageHeading>
          <div className={styles['lead']}>{lead}</div>
          {children}
        </div>
        <div className={styles['language']}>
          <LanguageChoice />
        </div>
      </main>
      <div className={styles['picture']} aria-hidden="true">
        <Elevation />
      </div>
    </div>
  );
}

/** The smaller ways on below a form. */
export function Others({ children }: { children: ReactNode }) {
  return <div className={styles['others']}>{children}</div>;
}

/** Words that act, where a button would be too loud. */
export function Way({ onTake, children }: { onTake: () => void; children: ReactNode }) {
  return (
    <button type="button" className={styles['way']} onClick={onTake}>
      {children}
    </button>
  );
}

/** Parts ways that lead to the same. */
export function Or() {
  return (
    <p className={styles['or']}>
      <FormattedMessage id="signIn.or" />
    </p>
  );
}
