import { expect, it } from 'vitest';

import { isPeriod, periodRange } from './periods';

it('reaches back by whole months', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(periodRange('month', now)).toEqual({ since: '2026-10-24' });
  expect(periodRange('quarter', now)).toEqual({ since: '2026-08-24' });
  expect(periodRange('year', now)).toEqual({ since: '2025-11-24' });
});

it('knows its own names only', () => {
  expect(['year', 'decade', undefined].map(isPeriod)).toEqual([true, false, false]);
});
