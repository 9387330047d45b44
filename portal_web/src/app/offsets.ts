type Variables = Record<string, unknown>;

interface Payload {
  data?: { changes?: { offset?: unknown } | null } | null;
}

/** Remembers how far each stream of changes was read, so that it goes on there and not from now. */
export function createOffsets() {
  const seen = new Map<string, string>();
  const stream = (variables: Variables) => JSON.stringify([variables['under'], variables['types']]);
  return {
    note(variables: Variables, payload: unknown): void {
      const offset = (payload as Payload).data?.changes?.offset;
      if (typeof offset === 'string') seen.set(stream(variables), offset);
    },
    resume(variables: Variables): Variables {
      const after = seen.get(stream(variables));
      return after === undefined ? variables : { ...variables, after };
    },
  };
}
