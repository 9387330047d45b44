import { beforeEach, expect, it, vi } from 'vitest';

import { beginVisit, isNew, lastVisit } from './visits';

const HOUR = 3_600_000;
const start = Date.parse('2026-11-24T12:00:00Z');

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
});

it('calls nothing new on a first visit', () => {
  beginVisit('U1', start);
  expect(lastVisit()).toBeUndefined();
  expect(isNew('2026-11-24T11:00:00Z')).toBe(false);
});

it('knows what came since the visit before, also after a short break', () => {
  beginVisit('U1', start);
  beginVisit('U1', start + 5 * HOUR);
  expect(lastVisit()).toBe('2026-11-24T12:00:00.000Z');
  beginVisit('U1', start + 5 * HOUR + 60_000);
  expect(lastVisit()).toBe('2026-11-24T12:00:00.000Z');
  expect(isNew('2026-11-24T15:00:00Z')).toBe(true);
  expect(isNew('2026-11-24T11:00:00Z')).toBe(false);
});

it('keeps the visits of two persons apart', () => {
  beginVisit('U1', start);
  beginVisit('U2', start + HOUR);
  expect(lastVisit()).toBeUndefined();
});
