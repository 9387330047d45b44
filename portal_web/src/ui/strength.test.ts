import { expect, it } from 'vitest';

import { strengthOf } from './strength';

it.each([
  ['', 'short'],
  ['Tr0ub4d', 'short'],
  ['aaaaaaaaaaaa', 'weak'],
  ['12345678', 'weak'],
  ['qwertyuiop', 'weak'],
  ['sunflower', 'weak'],
  ['sunflower-41', 'fair'],
  ['sunflower-41-brook', 'good'],
  ['brambletide', 'fair'],
  ['correct horse battery', 'good'],
])('%s is %s', (password, strength) => {
  expect(strengthOf(password)).toBe(strength);
});
