import { createContext, use } from 'react';

import { createStore, useStore, type Store } from '../ui/store';

export type Beginning = 'rights' | 'stream';

/**
 * Counts how often the viewer's rights changed on this page. Each era has a client and a cache of its own, so that
 * nothing read under earlier rights can be read again; a result knows by its context of which era it is.
 */
export interface Era {
  number: number;
  /**
   * Why it began. With a stream nobody's rights have changed: what was read before may stay until it is read again.
   */
  began: Beginning;
  /** Grows when lists may have got or lost rows under the same rights. */
  lists: Store<number>;
}

export const EraContext = createContext<Era>({ number: 0, began: 'stream', lists: createStore(0) });

export function useEra(): Era {
  return use(EraContext);
}

export function useListsVersion(): number {
  return useStore(use(EraContext).lists);
}
