import { expect, it } from 'vitest';

import { plan } from './plan';

const at = (id: string, latitude: number, longitude: number) => ({ id, name: `Site ${id}`, latitude, longitude });
const leeds = at('leeds', 53.8, -1.55);
const london = at('london', 51.5, -0.12);
const hamburg = at('hamburg', 53.55, 10);

it('has every site on the sheet, north up and east to the right', () => {
  const { marks } = plan([leeds, london, hamburg], 600, 400);
  const [one, two, three] = marks;
  expect(marks.every(({ x, y }) => x >= 40 && x <= 560 && y >= 40 && y <= 360)).toBe(true);
  expect(one && two && one.y < two.y).toBe(true);
  expect(two && three && two.x < three.x).toBe(true);
});

it('gathers what lies too near to be told apart, and parts it again on a closer plan', () => {
  const near = at('near', 53.81, -1.56);
  expect(plan([leeds, near, hamburg], 600, 400).marks.map(({ sites }) => sites.length)).toEqual([2, 1]);
  expect(plan([leeds, near], 600, 400).marks.map(({ sites }) => sites.length)).toEqual([1, 1]);
});

it('shows a single site in the middle, with its name beside it', () => {
  expect(plan([leeds], 600, 400).marks).toEqual([{ x: 300, y: 200, sites: [leeds], label: 'right' }]);
});

it('has a scale of a round length', () => {
  const { scale, meridians, parallels } = plan([leeds, london, hamburg], 600, 400);
  expect(scale.kilometres).toBe(200);
  expect(scale.pixels).toBeLessThan(150);
  expect(meridians.length).toBeGreaterThan(2);
  expect(parallels.length).toBeGreaterThan(1);
});

it.each([1, 32, 96])('draws a sheet of %i pixels too', (width) => {
  const { marks, scale } = plan([leeds, london, hamburg], width, 340);
  expect(scale.pixels).toBeGreaterThan(0);
  expect(marks.every(({ x }) => x >= 0 && x <= width)).toBe(true);
});
