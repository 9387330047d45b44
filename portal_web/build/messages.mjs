// Reads the messages when the portal is built, so that no browser has to: they come as what the reader makes of them.
import { readFileSync } from 'node:fs';

import { parse } from '@formatjs/icu-messageformat-parser';

const MESSAGES = /[\\/]src[\\/]messages[\\/][\w.]+\.json$/;
const READER = '@formatjs/icu-messageformat-parser';

/** Messages that were read already, and no reader in the bundle. */
export function readMessages() {
  return {
    name: 'read-messages',
    apply: 'build',
    enforce: 'pre',
    config: () => ({ resolve: { alias: [{ find: new RegExp(`^${READER}$`), replacement: `${READER}/no-parser.js` }] } }),
    load(id) {
      if (!MESSAGES.test(id)) return undefined;
      const written = Object.entries(JSON.parse(readFileSync(id, 'utf8')));
      const read = Object.fromEntries(written.map(([name, message]) => [name, parse(message)]));
      return { code: `export default ${JSON.stringify(read)};`, moduleType: 'js' };
    },
  };
}
