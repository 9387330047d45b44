import type { ReactNode } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { Icon } from '../../ui/Icon';
import { grantWords } from './GrantName';
import styles from './GrantChip.module.css';

export function GrantChips({ children }: { children: ReactNode }) {
  return <span className={styles['chips']}>{children}</span>;
}

interface GrantChipProps {
  name: string;
  /** Whose it is. */
  of: string;
  /** Where it holds, if that is not said beside it. */
  place?: string | undefined;
  automatic?: boolean;
  onTake?: (() => void) | undefined;
}

/** A grant in a word, and the way to take it. */
export function GrantChip({ name, of, place, automatic, onTake }: GrantChipProps) {
  const intl = useIntl();
  const words = grantWords(intl, name);
  const taking = intl.formatMessage({ id: place ? 'rights.take.at' : 'rights.take' }, { name: words, of, place });
  return (
    <span className={styles['chip']} data-automatic={automatic || undefined}>
      <span>
        {words}
        {place && <span> · {place}</span>}
        {automatic && (
          <span>
            {' '}
            <FormattedMessage id="rights.automatic" />
          </span>
        )}
      </span>
      {onTake && (
        <button type="button" onClick={onTake} aria-label={taking}>
          <Icon name="close" />
        </button>
      )}
    </span>
  );
}
