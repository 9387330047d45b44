/** What the review can be narrowed to. */
export const SHOWS = ['everybody', 'away30', 'away90', 'never', 'invited', 'suspended'] as const;

export type Show = (typeof SHOWS)[number];

const DAY = 86_400_000;
const ALL = ['STAFF', 'PORTAL'] as const;

export interface ReviewFilter {
  kind: ('STAFF' | 'PORTAL')[];
  status?: ('INVITED' | 'ACTIVE' | 'SUSPENDED')[];
  neverSignedIn?: boolean;
  lastSignInBefore?: string;
}

/** The people meant, as the graph is asked for them. */
export function filterOf(show: Show, now: number): ReviewFilter {
  const kind = [...ALL];
  const daysAgo = (days: number) => new Date(now - days * DAY).toISOString();
  switch (show) {
    case 'away90':
      return { kind, status: ['ACTIVE'], lastSignInBefore: daysAgo(90) };
    case 'away30':
      return { kind, status: ['ACTIVE'], lastSignInBefore: daysAgo(30) };
    case 'never':
      return { kind, neverSignedIn: true };
    case 'invited':
      return { kind, status: ['INVITED'] };
    case 'suspended':
      return { kind, status: ['SUSPENDED'] };
    case 'everybody':
      return { kind };
  }
}
