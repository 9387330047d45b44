// Speaks to the service through one of the clients people use: asks for a site, then watches it and the viewer's access.
// Writes a line of JSON for everything it is told, until its standard input ends.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [client, url, token, site, folder] = process.argv.slice(2)
const require = createRequire(`${folder}/package.json`)
const load = (name) => import(pathToFileURL(require.resolve(name)))
const authorization = `Bearer ${token}`
const socket = { url: url.replace('http', 'ws'), connectionParams: { authorization }, webSocketImpl: WebSocket }

const SITE = 'query Site($id: ID!) { node(id: $id) { __typename id ... on Site { name } } }'
const CHANGES = `subscription Changes($id: ID!) {
  changes(under: $id) { __typename ... on Change { kind node { __typename id ... on Site { name } } } }
}`
const ACCESS = 'subscription Access { access { __typename id epoch permissions } }'
const say = (what, told) => console.log(JSON.stringify({ what, told }))

const clients = {
  'graphql-ws': async () => {
    const { createClient } = await load('graphql-ws')
    const made = createClient(socket)
    await viaSubscribe(made)
  },
  'graphql-sse': async () => {
    const { createClient } = await load('graphql-sse')
    const made = createClient({ url, headers: { authorization } })
    await viaSubscribe(made)
  },
  urql: async () => {
    const { Client, fetchExchange, subscriptionExchange } = await load('@urql/core')
    const { cacheExchange } = await load('@urql/exchange-graphcache')
    const { createClient } = await load('graphql-ws')
    const ws = createClient(socket)
    const forwardSubscription = ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: ws.subscribe({ query: query ?? '', variables }, sink) }),
    })
    const made = new Client({
      url,
      preferGetMethod: false,
      fetchOptions: { headers: { authorization } },
      exchanges: [cacheExchange({ keys: { Change: () => null, Reload: () => null } }), fetchExchange,
        subscriptionExchange({ forwardSubscription })],
    })
    // A live query: graphcache writes what a push says of the site, and the query tells it anew.
    made.query(SITE, { id: site }).subscribe(({ data, error }) => say('query', data ?? String(error)))
    made.subscription(CHANGES, { id: site }).subscribe(({ data }) => say('change', data))
    made.subscription(ACCESS, {}).subscribe(({ data }) => say('access', data))
  },
  apollo: async () => {
    const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } = await load('@apollo/client')
    const { GraphQLWsLink } = await load('@apollo/client/link/subscriptions')
    const { createClient } = await load('graphql-ws')
    const { OperationTypeNode } = await load('graphql')
    const link = ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(createClient(socket)),
      new HttpLink({ uri: url, headers: { authorization } }),
    )
    const made = new ApolloClient({ link, cache: new InMemoryCache() })
    made.watchQuery({ query: gql(SITE), variables: { id: site } }).subscribe(({ data, loading }) => {
      if (!loading) say('query', data)
    })
    made.subscribe({ query: gql(CHANGES), variables: { id: site } }).subscribe(({ data }) => say('change', data))
    made.subscribe({ query: gql(ACCESS) }).subscribe(({ data }) => say('access', data))
  },
}

async function viaSubscribe(made) {
  const told = (what) => ({
    next: ({ data }) => say(what, data),
    error: (error) => say(`${what} failed`, String(error?.message ?? error)),
    complete: () => say(`${what} complete`, null),
  })
  made.subscribe({ query: SITE, variables: { id: site } }, told('query'))
  made.subscribe({ query: CHANGES, variables: { id: site } }, told('change'))
  made.subscribe({ query: ACCESS }, told('access'))
}

await clients[client]()
process.stdin.on('end', () => process.exit(0)).resume()
