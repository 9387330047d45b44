// The workspace's words are only loaded in its rooms: `npm run check` fails where another file asks for one of them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

const source = resolve(import.meta.dirname, '../src');
const ROOMS = ['access/giving', 'audit', 'partner', 'portal_user', 'review', 'staff'].map((feature) => join('features', feature) + sep);
const ENTRANCE = join('app', 'pages', 'AccessRooms.tsx');

const words = Object.keys(JSON.parse(readFileSync(join(source, 'messages', 'workspace.en.json'), 'utf8')));
const isWithin = (name) => name === ENTRANCE || ROOMS.some((room) => name.startsWith(room));

const breaches = readdirSync(source, { recursive: true })
  .filter((name) => /\.tsx?$/.test(name) && !isWithin(name))
  .flatMap((name) => {
    const text = readFileSync(join(source, name), 'utf8');
    return words.filter((word) => text.includes(`'${word}'`) || text.includes(`"${word}"`)).map((word) => `${name}: ${word}`);
  });

if (breaches.length > 0) {
  console.error(`Words of the workspace outside of it:\n${breaches.join('\n')}`);
  process.exitCode = 1;
}
