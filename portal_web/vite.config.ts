import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { compressed } from './build/compressed.mjs';
import { trusted } from './build/documents.mjs';
import { readMessages } from './build/messages.mjs';

const server = 'http://127.0.0.1:8000';

/** What every page needs; GraphiQL's own libraries stay with GraphiQL. */
const LIBRARIES =
  /node_modules\/(react|react-dom|scheduler|react-intl|@formatjs|intl-messageformat|@mantine|clsx|@tanstack\/(?!\w+-virtual|virtual)[\w-]+|urql|@urql|@0no-co|wonka|graphql-ws|gql\.tada)\//;
/** The push names the fields of all these, so they are loaded with it anyway; charts are not, since few reports have any. */
const PAGES =
  /src\/(features\/(contact|contract|job|notice|report|request|site)\/(?!Figures|Bars|Columns|scale)|app\/(Live|pages\/(Home|Site|Organization)Page))/;

export default defineConfig({
  plugins: [react(), trusted(), readMessages(), compressed()],
  build: {
    outDir: '../server/static',
    emptyOutDir: true,
    // Data URLs would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    // Only GraphiQL's editor is larger than this, and it is loaded on its own page.
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      // A few files instead of eighty: each costs a turn of its own where many share a connection.
      output: {
        codeSplitting: {
          groups: [
            { name: 'libraries', test: LIBRARIES, priority: 3 },
            { name: 'house', test: /src\/(ui|gql|auth|features\/access)\//, priority: 2 },
            { name: 'pages', test: PAGES, priority: 1 },
          ],
        },
      },
      input: { index: 'index.html', graphiql: 'graphiql.html' },
      // Libraries mark files for servers that render React; that says nothing here.
      onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
    },
  },
  server: {
    // The Host header stays as the browser sent it: the server compares it with Origin.
    proxy: {
      '/graphql': { target: server, ws: true },
      '/auth': { target: server },
      '/files': { target: server },
    },
  },
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'node' },
});
