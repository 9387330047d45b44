import { expect, it } from 'vitest';

import { chainOf } from './chain';

const third = { sequence: 3, hash: 'c', previousHash: 'b' };
const second = { sequence: 2, hash: 'b', previousHash: 'a' };
const first = { sequence: 1, hash: 'a', previousHash: '0' };

it('holds where each entry bears the hash of the one before', () => {
  expect(chainOf([third, second, first])).toBe('holds');
  expect(chainOf([second, first], 'b')).toBe('holds');
});

it('is broken where one is missing, or is another', () => {
  expect(chainOf([third, first])).toBe('broken');
  expect(chainOf([second, first], 'x')).toBe('broken');
  expect(chainOf([third, { ...second, hash: 'x' }, first])).toBe('broken');
});

it('is not told to whoever sees a part', () => {
  expect(chainOf([{ sequence: null, hash: null, previousHash: null }])).toBe('untold');
  expect(chainOf([])).toBe('untold');
});
