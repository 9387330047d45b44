import { CombinedError, type OperationResult } from '@urql/core';
import { GraphQLError } from 'graphql';
import { expect, it } from 'vitest';

import { withoutForbidden } from './forbidden';

const coded = (code: string) => new GraphQLError(code, { extensions: { code } });
const result = (...codes: string[]) =>
  ({ data: { job: { cost: null } }, error: new CombinedError({ graphQLErrors: codes.map(coded) }) }) as OperationResult;

it('is a good answer when only fields were refused', () => {
  expect(withoutForbidden(result('FIELD_FORBIDDEN', 'FIELD_FORBIDDEN'))).toEqual({ data: { job: { cost: null } } });
});

it('keeps every other error', () => {
  const left = withoutForbidden(result('FIELD_FORBIDDEN', 'TIMEOUT')).error?.graphQLErrors;
  expect(left?.map((error) => error.extensions['code'])).toEqual(['TIMEOUT']);
  const whole = result('TIMEOUT');
  expect(withoutForbidden(whole)).toBe(whole);
});
