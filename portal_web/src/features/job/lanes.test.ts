import { expect, it } from 'vitest';

import { lanes } from './lanes';

const laneOf = (...spans: [number, number][]) => lanes(spans.map(([start, end]) => ({ start, end }))).items.map(({ lane }) => lane);

it('keeps one lane while names have room', () => {
  expect(laneOf([0.1, 0.15], [0.5, 0.9])).toEqual([0, 0]);
});

it('opens another where two would meet', () => {
  expect(laneOf([0.3, 0.35], [0.4, 0.5], [0.7, 0.75])).toEqual([0, 1, 2]);
  expect(lanes([]).lanes).toBe(0);
});
