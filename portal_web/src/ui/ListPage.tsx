import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { FormattedMessage } from 'react-intl';

import styles from './list.module.css';

interface ListPageProps {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  /** Draws the page behind a cursor; it asks for its rows itself. */
  next: (after: string) => ReactNode;
  /** The rows, as list items. */
  children: ReactNode;
}

/**
 * A page of a list, and behind it the next one once that is wanted. Each page starts where the one before it ends now,
 * so a row that is pushed off the end of one page is the first of the next.
 */
export function ListPage({ pageInfo, next, children }: ListPageProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <ul className={styles['list']}>{children}</ul>
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
