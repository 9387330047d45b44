import { expect, it } from 'vitest';

import { refusalOf } from './ask';
import { refusalMessage } from './refusals';

it('reads a refusal with its tenants and waiting time', () => {
  const tenants = [{ slug: 'north', name: 'Northgate' }];
  expect(refusalOf({ error: { code: 'CHOOSE_TENANT', message: '', tenants } })).toEqual({
    is: 'refused',
    code: 'CHOOSE_TENANT',
    tenants,
    retryAfter: 0,
  });
  expect(refusalOf({ error: { code: 'TOO_MANY_ATTEMPTS', retryAfter: 12.2 } })).toMatchObject({ retryAfter: 13 });
});

it.each([null, {}, { error: null }, 'Bad gateway'])('reads %j as a refusal without a reason', (body) => {
  expect(refusalOf(body)).toMatchObject({ is: 'refused', code: 'OTHER' });
});

it('says how long to wait in fitting units, and something for unknown codes', () => {
  expect(refusalMessage({ code: 'TOO_MANY_ATTEMPTS', retryAfter: 30 })).toEqual({
    id: 'refused.TOO_MANY_ATTEMPTS',
    values: { seconds: 30 },
  });
  expect(refusalMessage({ code: 'TOO_MANY_ATTEMPTS', retryAfter: 600 }).values).toEqual({ minutes: 10 });
  expect(refusalMessage({ code: 'TEAPOT', retryAfter: 0 }).id).toBe('refused.other');
});
