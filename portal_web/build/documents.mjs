// Finds the documents of the portal in its sources, and names each by the hash of its text: the trusted documents.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { formatDocument } from '@urql/core';
import { Kind, parse, print, visit } from 'graphql';

const source = resolve(import.meta.dirname, '../src');
const NEEDED = 'virtual:trusted-documents';

/** Every document is a template without holes in a call of graphql(). */
const DOCUMENT = /\bgraphql\(\s*`([^`]*)`/g;

function definitions() {
  const files = readdirSync(source, { recursive: true })
    .filter((name) => /^(app|features)[\\/].*\.tsx?$/.test(name) && !name.includes('.test.'))
    .map((name) => readFileSync(join(source, name), 'utf8'));
  return files.flatMap((text) => [...text.matchAll(DOCUMENT)].flatMap(([, document]) => parse(document).definitions));
}

/** The names of all fragments that a definition needs, also through others. */
function needed(definition, fragments, found = new Set()) {
  visit(definition, {
    FragmentSpread: ({ name: { value } }) => {
      if (found.has(value)) return;
      if (!fragments.has(value)) throw new Error(`There is no fragment ${value}.`);
      found.add(value);
      needed(fragments.get(value), fragments, found);
    },
  });
  return [...found].toSorted().map((name) => fragments.get(name));
}

/** What only the types know is not sent, and the cache is told the type of everything, as it would ask by itself. */
function textOf(operation, fragments) {
  const document = { kind: Kind.DOCUMENT, definitions: [operation, ...needed(operation, fragments)] };
  const clean = visit(document, { Directive: ({ name }) => (name.value === '_unmask' ? null : undefined) });
  return print(formatDocument(clean));
}

/** The texts by their names, and the names by those of the operations. */
export function trustedDocuments() {
  const all = definitions();
  const fragments = new Map(
    all.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((one) => [one.name.value, one]),
  );
  const operations = all.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const texts = {};
  const ids = {};
  for (const operation of operations.toSorted((one, other) => one.name.value.localeCompare(other.name.value))) {
    const text = textOf(operation, fragments);
    const id = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    texts[id] = text;
    ids[operation.name.value] = id;
  }
  return { texts, ids };
}

/** Writes documents.json for the server beside the pages, and gives the pages the names. */
export function trusted() {
  return {
    name: 'trusted-documents',
    resolveId: (id) => (id === NEEDED ? `\0${NEEDED}` : undefined),
    load: (id) => (id === `\0${NEEDED}` ? `export const documentIds = ${JSON.stringify(trustedDocuments().ids)};` : undefined),
    generateBundle() {
      const texts = `${JSON.stringify(trustedDocuments().texts, null, 1)}\n`;
      this.emitFile({ type: 'asset', fileName: 'documents.json', source: texts });
    },
  };
}
