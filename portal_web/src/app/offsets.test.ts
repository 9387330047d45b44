import { expect, it } from 'vitest';

import { createOffsets } from './offsets';

it('resumes each stream behind the last event that was read there', () => {
  const offsets = createOffsets();
  offsets.note({ under: 'a' }, { data: { changes: { offset: '7' } } });
  offsets.note({ under: 'a' }, { data: { changes: { offset: '9' } } });
  offsets.note({ under: 'a' }, { errors: [] });
  expect(offsets.resume({ under: 'a' })).toEqual({ under: 'a', after: '9' });
  expect(offsets.resume({ under: 'b' })).toEqual({ under: 'b' });
  expect(offsets.resume({})).toEqual({});
});
