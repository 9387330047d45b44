import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './graphiql.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';

const root = document.getElementById('graphiql');
if (!root) throw new Error('graphiql.html has no #graphiql');

const fetcher = createGraphiQLFetcher({
  url: '/graphql',
  headers: { 'X-Portico-Client': 'graphiql', Accept: 'application/graphql-response+json, application/json;q=0.9' },
  wsClient: createClient({ url: `${location.origin.replace(/^http/, 'ws')}/graphql`, lazy: true }),
});

const FIRST = `# Who is asking, and what they can see. Ctrl-Enter runs it.
{
  viewer {
    name
    places {
      organization { shortName }
      site { name }
      permissions
    }
    reports(first: 5) {
      totalCount
      nodes { title kind site { name } }
    }
  }
}
`;

createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={FIRST} />);
