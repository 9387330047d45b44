import { expect, it } from 'vitest';

import { refusalMessage, refusalOf } from './signIn';

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
  expect(refusalMessage('TOO_MANY_ATTEMPTS', 30)).toEqual({
    id: 'signIn.error.TOO_MANY_ATTEMPTS',
    values: { seconds: 30 },
  });
  expect(refusalMessage('TOO_MANY_ATTEMPTS', 600).values).toEqual({ minutes: 10 });
  expect(refusalMessage('TEAPOT', 0).id).toBe('signIn.error.other');
});
