import type { graphql } from '../../gql/graphql';

export type ReportKind = ReturnType<typeof graphql.scalar<'ReportKind'>>;

export const KINDS: readonly ReportKind[] = ['ACTIVITY', 'INCIDENT', 'INSPECTION', 'PERFORMANCE'];

export function isKind(value: unknown): value is ReportKind {
  return KINDS.some((kind) => kind === value);
}
