import { initGraphQLTada } from 'gql.tada';

import type { introspection } from './introspection';

/** Writes a typed document; a fragment's fields stay closed to everybody but its own component. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; Date: string; Decimal: string };
}>();

/** A right, as the schema names it. */
export type Permission = ReturnType<typeof graphql.scalar<'Permission'>>;

/** A kind of node, as the schema names it. */
export type NodeTypeName = ReturnType<typeof graphql.scalar<'NodeTypeName'>>;
