import { useCallback } from 'react';

import { graphql } from '../../gql/graphql';
import { useCommand } from '../../gql/useCommand';

const ReadNoticeMutation = graphql(`
  mutation ReadNotice($id: ID!) {
    markNotificationRead(input: { id: $id }) {
      notification {
        id
        unread
        readAt
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

/** Marks one notice as read. Whether that succeeds is nobody's concern: an unread notice is told again. */
export function useRead(): (id: string) => void {
  const { run } = useCommand(ReadNoticeMutation);
  return useCallback((id) => void run({ id }), [run]);
}
