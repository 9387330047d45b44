import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FormattedMessage } from 'react-intl';

import styles from './table.module.css';

interface TableRowsProps {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  /** Draws the page behind a cursor. */
  next: (after: string) => ReactNode;
  children: ReactNode;
}

/** A page of rows, and behind it the next one once that is wanted. */
export function TableRows({ pageInfo, next, children }: TableRowsProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <ul className={styles['rows']}>{children}</ul>
      {pageInfo.hasNextPage && pageInfo.endCursor && open && next(pageInfo.endCursor)}
      {pageInfo.hasNextPage && !open && (
        <div className={styles['more']}>
          <Button variant="default" onClick={() => setOpen(true)}>
            <FormattedMessage id="list.more" />
          </Button>
        </div>
      )}
    </>
  );
}
