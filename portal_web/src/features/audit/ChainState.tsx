import { FormattedMessage } from 'react-intl';

import { Icon } from '../../ui/Icon';
import styles from './audit.module.css';
import { chainOf, type Link } from './chain';

interface ChainStateProps {
  entries: readonly Link[];
  /** Nothing is left out between the entries. */
  whole: boolean;
  follows?: string | null | undefined;
}

/** Whether the entries that are shown are linked without a gap; where some are left out, that cannot be said. */
export function ChainState({ entries, whole, follows }: ChainStateProps) {
  const chain = whole ? chainOf(entries, follows) : 'untold';
  // Of a later page only a break is news.
  if (chain === 'untold' || (follows !== undefined && chain === 'holds')) return null;
  const [newest, oldest] = [entries[0]?.sequence ?? 0, entries.at(-1)?.sequence ?? 0];
  return (
    <p className={styles['chain']} data-chain={chain} role={chain === 'broken' ? 'alert' : undefined} data-testid="chain">
      <Icon name={chain === 'holds' ? 'check' : 'close'} />
      <FormattedMessage id={`trail.chain.${chain}`} values={{ newest, oldest, hash: entries[0]?.hash?.slice(0, 12) ?? '' }} />
    </p>
  );
}
