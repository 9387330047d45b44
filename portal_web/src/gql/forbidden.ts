import { CombinedError, mapExchange, type OperationResult } from '@urql/core';

export const FIELD_FORBIDDEN = 'FIELD_FORBIDDEN';

/**
 * Takes the refusals of single fields out of a result's errors. Such a field is null in the data, and its component
 * knows from `viewerPermissions` why; left in, one refused field would make the cache distrust the whole answer.
 */
export function withoutForbidden(result: OperationResult): OperationResult {
  if (result.error === undefined || result.error.networkError !== undefined) return result;
  const left = result.error.graphQLErrors.filter((error) => error.extensions['code'] !== FIELD_FORBIDDEN);
  if (left.length === result.error.graphQLErrors.length) return result;
  const { error, ...rest } = result;
  if (left.length === 0) return rest;
  return { ...rest, error: new CombinedError({ graphQLErrors: left, response: error.response }) };
}

export const forbiddenExchange = mapExchange({ onResult: withoutForbidden });
