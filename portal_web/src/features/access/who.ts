import { createContext, use } from 'react';

/** Whoever is signed in. */
export interface Who {
  id: string;
  name: string;
  email: string;
  kind: 'STAFF' | 'PORTAL' | 'PARTNER';
  /** What others refer to them by. */
  user: { id: string } | null;
  tenant: { id: string; name: string } | null;
  /** Somebody of the staff who sees the portal as this person, and may change nothing. */
  viewedBy: { name: string } | null;
}

export const WhoContext = createContext<Who | null>(null);

export function useWho(): Who | null {
  return use(WhoContext);
}
