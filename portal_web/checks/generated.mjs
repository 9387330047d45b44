// Fails when src/gql/introspection.d.ts does not show the present schema.graphql; `npm run generate` rewrites it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const committed = resolve(import.meta.dirname, '../src/gql/introspection.d.ts');
const folder = mkdtempSync(join(resolve(import.meta.dirname, '..', 'node_modules'), '.generated-'));
try {
  const fresh = join(folder, 'introspection.d.ts');
  const cli = resolve(import.meta.dirname, '../node_modules/gql.tada/bin/cli.js');
  execFileSync(process.execPath, [cli, 'generate-output', '--output', fresh], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (readFileSync(fresh, 'utf8') !== readFileSync(committed, 'utf8')) {
    console.error('The types are not those of schema.graphql. Run: npm run generate');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
