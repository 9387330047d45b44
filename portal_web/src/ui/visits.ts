import { recall, remember } from './memory';

/** Whoever comes back sooner has only looked away. */
const PAUSE = 30 * 60_000;

let before: string | undefined;

/**
 * Begins a visit of this person on this device, or goes on with the one that has only just been interrupted. What is
 * kept are two times: when the visit before this one ended, and when this one was last looked at.
 */
export function beginVisit(person: string, now = Date.now()): void {
  const [earlier, last] = recall(`visit.${person}`)?.split(' ') ?? [];
  const goesOn = last !== undefined && now - Date.parse(last) < PAUSE;
  before = (goesOn ? earlier : last) || undefined;
  remember(`visit.${person}`, `${before ?? ''} ${new Date(now).toISOString()}`);
}

/** When this person's last visit on this device ended; undefined on the first one. */
export function lastVisit(): string | undefined {
  return before;
}

/** Whether something happened since the last visit; on a first visit nothing is called new. */
export function isNew(instant: string | null | undefined): boolean {
  return before !== undefined && instant !== null && instant !== undefined && instant > before;
}
