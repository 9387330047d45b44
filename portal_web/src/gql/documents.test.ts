import { buildSchema, validate, type DocumentNode } from 'graphql';
import { expect, it, vi } from 'vitest';

import sdl from '../../../schema.graphql?raw';

const documents = vi.hoisted(() => new Set<DocumentNode>());

vi.mock('./graphql', async (original) => {
  const { graphql } = await original<{ graphql: (...source: unknown[]) => DocumentNode }>();
  return {
    graphql: (...source: unknown[]) => {
      const document = graphql(...source);
      documents.add(document);
      return document;
    },
  };
});

// Whatever asks for something; main.tsx needs a window and asks for nothing itself.
const modules = import.meta.glob(['../{app,features}/**/*.{ts,tsx}', '!../**/*.test.*', '!../app/main.tsx']);

it('every operation is valid with all its fragments, under a name of its own', async () => {
  await Promise.all(Object.values(modules).map((load) => load()));
  const schema = buildSchema(sdl);
  const operations = [...documents].filter(({ definitions }) =>
    definitions.some(({ kind }) => kind === 'OperationDefinition'),
  );
  const names = operations.map(({ definitions }) => definitions.find(({ kind }) => kind === 'OperationDefinition'));
  expect(operations.length).toBeGreaterThan(10);
  expect(new Set(names.map((definition) => definition && 'name' in definition && definition.name?.value)).size).toBe(
    operations.length,
  );
  expect(operations.flatMap((document) => validate(schema, document).map(({ message }) => message))).toEqual([]);
}, 20_000);
