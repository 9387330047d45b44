import { expect, it } from 'vitest';

import { stations } from './stations';

const at = (status: 'REQUESTED' | 'SCHEDULED' | 'IN_PROGRESS' | 'COMPLETED', hour: number) => ({
  status,
  at: `2026-11-24T${String(hour).padStart(2, '0')}:00:00Z`,
});
const times = { startedAt: null, completedAt: null };

it('is what was recorded, oldest first', () => {
  const timeline = [at('REQUESTED', 8), at('SCHEDULED', 9)];
  expect(stations({ timeline, ...times })).toEqual(timeline);
});

it('shows what was entered afterwards when it happened', () => {
  const timeline = [at('COMPLETED', 20)];
  const job = { timeline, startedAt: at('IN_PROGRESS', 10).at, completedAt: at('COMPLETED', 12).at };
  expect(stations(job)).toEqual([at('IN_PROGRESS', 10), at('COMPLETED', 12)]);
});

it('keeps a second beginning after a pause', () => {
  const timeline = [at('IN_PROGRESS', 9), at('IN_PROGRESS', 11)];
  expect(stations({ timeline, startedAt: at('IN_PROGRESS', 11).at, completedAt: null })).toEqual(timeline);
});
