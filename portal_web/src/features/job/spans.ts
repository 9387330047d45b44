export const SPANS = ['upcoming', 'past', 'all'] as const;
export type Span = (typeof SPANS)[number];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OPEN = ['REQUESTED', 'SCHEDULED', 'IN_PROGRESS', 'ON_HOLD'] as const;

export function isSpan(value: unknown): value is Span {
  return SPANS.some((span) => span === value);
}

/**
 * What of all jobs a span is. Upcoming: not finished, since noon of the day before (UTC), so that today's work is there
 * in every zone. The borders stay the same for a while, so that the cache knows the list again.
 */
export function jobWindow(span: Span, now: number = Date.now()) {
  switch (span) {
    case 'upcoming': {
      const since = new Date(Math.floor(now / DAY) * DAY - DAY / 2).toISOString();
      return { order: 'SCHEDULED' as const, filter: { scheduled: { since }, status: [...OPEN] } };
    }
    case 'past': {
      const before = new Date(Math.ceil(now / HOUR) * HOUR).toISOString();
      return { order: 'SCHEDULED_DESC' as const, filter: { scheduled: { before } } };
    }
    case 'all':
      return { order: 'SCHEDULED_DESC' as const, filter: {} };
  }
}
