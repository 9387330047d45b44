import { formatDocument } from '@urql/core';
import { buildSchema, Kind, parse, print, validate, visit, type ASTNode, type DocumentNode } from 'graphql';
import { beforeAll, expect, it, vi } from 'vitest';

import sdl from '../../../schema.graphql?raw';
import { trustedDocuments } from '../../build/documents.mjs';

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

beforeAll(() => Promise.all(Object.values(modules).map((load) => load())), 30_000);

const operationsOf = () => [...documents].filter((document) => nameOf(document) !== undefined);

function nameOf({ definitions }: DocumentNode): string | undefined {
  const operation = definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return operation && 'name' in operation ? operation.name?.value : undefined;
}

/** A document without its order, and without what only the types know. */
function normal(document: DocumentNode): string[] {
  const clean: DocumentNode = visit(document, { Directive: ({ name }) => (name.value === '_unmask' ? null : undefined) });
  return formatDocument<DocumentNode>(clean)
    .definitions.map((definition) => print(definition as ASTNode))
    .toSorted();
}

it('trusts exactly the documents that are sent', () => {
  const { texts, ids } = trustedDocuments();
  const sent = Object.fromEntries(operationsOf().map((document) => [nameOf(document), normal(document)]));
  const named = Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, normal(parse(texts[id] ?? ''))]));
  expect(named).toEqual(sent);
});

it('every operation is valid with all its fragments, under a name of its own', () => {
  const schema = buildSchema(sdl);
  const operations = operationsOf();
  expect(operations.length).toBeGreaterThan(10);
  expect(new Set(operations.map(nameOf)).size).toBe(operations.length);
  expect(operations.flatMap((document) => validate(schema, document).map(({ message }) => message))).toEqual([]);
});
