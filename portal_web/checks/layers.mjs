// Keeps the direction ui <- features <- app, and features apart: `npm run check` fails with each import that breaks it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const source = resolve(import.meta.dirname, '../src');

/** What each layer may import besides itself. Every feature may import `access`, and no other feature. */
const ALLOWED = {
  messages: [],
  ui: ['messages'],
  auth: ['ui', 'messages'],
  gql: ['ui'],
  'features/access': ['ui', 'gql', 'auth', 'messages'],
  features: ['ui', 'gql', 'auth', 'messages', 'features/access'],
  app: ['ui', 'gql', 'auth', 'messages', 'features'],
  graphiql: [],
};

/** A file's layer; each feature is one of its own. */
function layerOf(file) {
  const [first, second] = relative(source, file).split(sep);
  return first === 'features' ? `features/${second}` : first;
}

function mayImport(from, to) {
  if (from === to) return true;
  const allowed = ALLOWED[from] ?? (from.startsWith('features/') ? ALLOWED.features : []);
  return allowed.some((layer) => to === layer || (layer === 'features' && to.startsWith('features/')));
}

const files = readdirSync(source, { recursive: true })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
  .map((name) => join(source, name));

const breaches = files.flatMap((file) => {
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g);
  return [...imports]
    .map(([, path]) => resolve(dirname(file), path))
    .filter((target) => target.startsWith(source))
    // A test may read the words that a person would.
    .filter((target) => !(file.includes('.test.') && layerOf(target) === 'messages'))
    .filter((target) => !mayImport(layerOf(file), layerOf(target)))
    .map((target) => `${relative(source, file)} must not import ${relative(source, target)}`);
});

if (breaches.length > 0) {
  console.error(breaches.join('\n'));
  process.exitCode = 1;
}
