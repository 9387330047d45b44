import { graphql } from '../../../gql/graphql';
import { useAct } from '../../../gql/useAct';

const RevokeAccessMutation = graphql(`
  mutation RevokeAccess($id: ID!, $version: Int) {
    revokeAccess(input: { id: $id, expectedVersion: $version }) {
      grant {
        id
        archivedAt
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

/** Takes a right away, unless it is another by now than the one that was shown. */
export function useTake() {
  const { refusals, act } = useAct(RevokeAccessMutation);
  return { refusals, take: ({ id, version }: { id: string; version: number }) => void act({ id, version }) };
}
