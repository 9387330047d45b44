import { useEffect, useRef, type ReactNode } from 'react';

import styles from './PageHeading.module.css';

/** What a page's heading is called in the document, for whoever has to move the focus there. */
export const HEADING = 'page-heading';

interface PageHeadingProps {
  /** The page's name in the window's title; without it, nothing is set. */
  title?: string;
  /** A small line above. */
  over?: ReactNode;
  /** Takes the focus when it appears, because what had it is gone. */
  focused?: true;
  children: ReactNode;
}

/** The one heading of a page. It can be focused, so that the focus has somewhere to go. */
export function PageHeading({ title, over, focused, children }: PageHeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (title) document.title = `${title} · Portico`;
  }, [title]);
  useEffect(() => {
    if (focused) heading.current?.focus();
  }, [focused]);
  return (
    <div className={styles['heading']}>
      {over && <p className={styles['over']}>{over}</p>}
      <h1 id={HEADING} ref={heading} tabIndex={-1}>
        {children}
      </h1>
    </div>
  );
}
