/** What follows when the socket has closed. */
export type AfterClose = { is: 'ended' } | { is: 'refused' } | { is: 'retry'; after: number };

const FIRST_CEILING = 1000;
const LAST_CEILING = 30_000;

/**
 * Decides by the close code. 4401: signed out or suspended; 4403: never for this viewer; everything else may pass.
 * The wait is drawn from the whole interval (full jitter), so that many portals do not return at the same moment.
 */
export function afterClose(code: number, attempt: number, random: () => number = Math.random): AfterClose {
  if (code === 4401) return { is: 'ended' };
  if (code === 4403) return { is: 'refused' };
  const ceiling = Math.min(LAST_CEILING, FIRST_CEILING * 2 ** Math.min(attempt, 10));
  return { is: 'retry', after: Math.round(random() * ceiling) };
}
