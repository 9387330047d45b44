import { expect, it } from 'vitest';

import { isSpan, jobWindow } from './spans';

const noon = Date.parse('2026-11-24T12:00:00Z');

it('is the same list all day, or all hour', () => {
  expect(jobWindow('upcoming', noon)).toEqual(jobWindow('upcoming', noon + 5 * 3_600_000));
  expect(jobWindow('past', noon + 1)).toEqual(jobWindow('past', noon + 3_000_000));
});

it('holds what is open today in every zone', () => {
  expect(jobWindow('upcoming', noon).filter.scheduled?.since).toBe('2026-11-23T12:00:00.000Z');
});

it('knows its own names only', () => {
  expect(['past', 'all', 'yesterday', undefined].map(isSpan)).toEqual([true, true, false, false]);
});
