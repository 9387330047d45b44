export const SPANS = ['upcoming', 'past', 'all'] as const;
/** `later` is what comes after today, for a page that shows today by itself. */
export type Span = (typeof SPANS)[number] | 'later';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OPEN = ['REQUESTED', 'SCHEDULED', 'IN_PROGRESS', 'ON_HOLD'] as const;

export function isSpan(value: unknown): value is (typeof SPANS)[number] {
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
    case 'later': {
      const since = new Date(Math.floor(now / DAY) * DAY + DAY).toISOString();
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

/** Every instant that is today anywhere on earth, of whatever has not been called off. */
export function todayWindow(now: number = Date.now()) {
  const midnight = Math.floor(now / DAY) * DAY;
  const since = new Date(midnight - DAY / 2).toISOString();
  const before = new Date(midnight + 1.75 * DAY).toISOString();
  return { scheduled: { since, before }, status: [...OPEN, 'COMPLETED' as const] };
}
