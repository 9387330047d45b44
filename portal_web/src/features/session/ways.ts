import { useEffect, useState } from 'react';

import { ask } from '../../auth/ask';
import { recall } from '../../ui/memory';

/** Signing in at a company's own identity provider. */
export interface SingleSignOn {
  kind: 'sso';
  tenant: string;
  provider: string;
  label: string;
  start: string;
}

interface Ways {
  ways: readonly (SingleSignOn | { kind: string })[];
}

const isSingleSignOn = (way: Ways['ways'][number]): way is SingleSignOn => way.kind === 'sso';

/** The identity providers of the company that was last signed in to, and then of the typed address's. */
export function useWays(): { ways: readonly SingleSignOn[]; askFor: (email: string) => void } {
  const [query, setQuery] = useState(() => queryFor('tenant', recall('tenant')));
  const [ways, setWays] = useState<readonly SingleSignOn[]>([]);
  useEffect(() => {
    let wanted = query !== undefined;
    if (query) {
      void ask<Ways>(`/auth/ways?${query}`).then(
        (reply) => wanted && reply.is === 'ok' && setWays((reply.body.ways ?? []).filter(isSingleSignOn)),
      );
    }
    return () => {
      wanted = false;
    };
  }, [query]);
  const askFor = (email: string) => {
    if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) setQuery(queryFor('email', email));
  };
  return { ways, askFor };
}

function queryFor(name: string, value: string | null): string | undefined {
  return value ? `${name}=${encodeURIComponent(value)}` : undefined;
}

/** Where single sign-on begins; it leads back to the page that was wanted. */
export function startOf({ start }: SingleSignOn, wanted: string): string | undefined {
  if (!start.startsWith('/auth/sso/')) return undefined;
  return `${start}&return=${encodeURIComponent(wanted.startsWith('/sign-in') ? '/' : wanted)}`;
}
