import { createContext, use } from 'react';

import { createStore, useStore, type Store } from '../../ui/store';

/** How the socket is. `refused` is final until the page is loaded again. */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'refused';

export const ConnectionContext = createContext<Store<Connection>>(createStore<Connection>('connecting'));

export function useConnection(): Connection {
  return useStore(use(ConnectionContext));
}
