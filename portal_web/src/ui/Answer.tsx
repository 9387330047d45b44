import type { ReactNode } from 'react';

import { Failure } from './Failure';
import { Rows } from './Skeleton';

/** How a result stands. */
export type AnswerState<Data> =
  | { is: 'loading' }
  | { is: 'failed'; code: string; retry: () => void }
  | { is: 'ready'; data: Data; refreshing: boolean };

interface AnswerProps<Data> {
  of: AnswerState<Data>;
  /** Whether there is nothing to show, and what is said then; `never` for what cannot be empty. */
  empty: 'never' | { when: (data: Data) => boolean; show: ReactNode };
  /** Stands for the content while it loads; as large as the content. */
  skeleton?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** The only reader of a result: a page cannot forget that it may be loading, failed or empty. */
export function Answer<Data>({ of, empty, skeleton, children }: AnswerProps<Data>) {
  if (of.is === 'loading') return <div aria-busy="true">{skeleton ?? <Rows />}</div>;
  if (of.is === 'failed') return <Failure code={of.code} onRetry={of.retry} />;
  if (empty !== 'never' && empty.when(of.data)) return empty.show;
  return <div aria-busy={of.refreshing}>{children(of.data)}</div>;
}
