import { expect, it } from 'vitest';

import { scaleOf } from './scale';

it('goes from nothing to a round number', () => {
  const scale = scaleOf([3, 17, 8]);
  expect(scale.ticks).toEqual([0, 5, 10, 15, 20]);
  expect(scale.at(10)).toBe(0.5);
});

it('reaches below nothing where values do', () => {
  expect(scaleOf([-4, 6]).ticks).toEqual([-5, -2.5, 0, 2.5, 5, 7.5]);
});

it('has ends also where every value is nothing', () => {
  expect(scaleOf([0, 0])).toMatchObject({ low: 0 });
  expect(scaleOf([0, 0]).high).toBeGreaterThan(0);
});
