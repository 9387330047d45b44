import { expect, it } from 'vitest';

import { outcomeOf } from './useCommand';

const refusal = { field: ['input', 'title'], code: 'REQUIRED', message: 'Give a title.' };

it('is done when no rule objects', () => {
  const payload = { report: { id: '1' }, userErrors: [] };
  expect(outcomeOf({ publishReport: payload }, undefined)).toEqual({ is: 'done', payload });
});

it('is refused with every objection', () => {
  expect(outcomeOf({ createReport: { userErrors: [refusal, { ...refusal, field: null }] } }, undefined)).toEqual({
    is: 'refused',
    refusals: [
      { field: 'input.title', code: 'REQUIRED', message: 'Give a title.' },
      { field: null, code: 'REQUIRED', message: 'Give a title.' },
    ],
  });
});

it('is failed without a payload, and with an error', () => {
  expect(outcomeOf(undefined, undefined)).toEqual({ is: 'failed' });
  expect(outcomeOf({ createReport: { userErrors: [] } }, new Error('offline'))).toEqual({ is: 'failed' });
});
