import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { trusted } from './build/documents.mjs';

const server = 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react(), trusted()],
  build: {
    outDir: '../server/static',
    emptyOutDir: true,
    // Data URLs would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    // Only GraphiQL's editor is larger than this, and it is loaded on its own page.
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
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
