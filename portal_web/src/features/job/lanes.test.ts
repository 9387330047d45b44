import { expect, it } from 'vitest';

import { isLate, lanes, NAME } from './lanes';

const laneOf = (...spans: [number, number][]) => lanes(spans.map(([start, end]) => ({ start, end }))).items.map(({ lane }) => lane);

it('keeps one lane while names have room', () => {
  expect(laneOf([0.1, 0.15], [0.55, 0.9])).toEqual([0, 0]);
});

it('opens another where two would meet', () => {
  expect(laneOf([0.3, 0.35], [0.4, 0.5], [0.7, 0.75])).toEqual([0, 1, 2]);
  expect(lanes([]).lanes).toBe(0);
});

it('has room for a late name, which stands before its bar, also beside an early one', () => {
  expect(laneOf([0.25, 0.37], [0.78, 1])).toEqual([0, 1]);
  expect(laneOf([0.25, 0.3], [0.25 + 2 * NAME, 1])).toEqual([0, 0]);
});

it('keeps every name within the day', () => {
  expect([0.57, 0.59].map(isLate)).toEqual([false, true]);
});
