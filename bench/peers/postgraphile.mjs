// PostGraphile on the benchmark's database: relay connections, row-level security, claims from the bearer token.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { grafserv } from 'postgraphile/grafserv/node'
import { postgraphile } from 'postgraphile'
import { TYPES } from 'postgraphile/@dataplan/pg'
import { makePgService } from 'postgraphile/adaptors/pg'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import pg from 'pg'
import { counted, statements } from './counted.mjs'

const { database, role, port, claims: path } = JSON.parse(process.argv[2])
const claims = new Map(Object.entries(JSON.parse(readFileSync(path))))
const list = (ids) => `{${ids.join(',')}}`
// What a verified token would say; nobody is looked up.
const settings = new Map(
  [...claims].map(([token, one]) => [
    `Bearer ${token}`,
    {
      role,
      'bench.tenant': one.tenant,
      'bench.all': String(one.all),
      'bench.organizations': list(one.organizations),
      'bench.sites': list(one.sites),
      'bench.touched': list(one.touched),
    },
  ]),
)

counted(pg.Client)
const pool = new pg.Pool({ connectionString: database, max: 10, options: '-c jit=off' })
// A type it does not know, of a table that is not asked for: without this it says so at length.
const transactionIds = {
  name: 'TransactionIds',
  gather: {
    hooks: {
      pgCodecs_findPgCodec(_, event) {
        if (event.pgType.typname === 'xid8') event.pgCodec = TYPES.text
      },
    },
  },
}
const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [transactionIds],
  // The indexes begin with the tenant and the parent, without the organization between: good enough, but not seen.
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  pgServices: [makePgService({ pool, schemas: ['public'] })],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, websockets: false },
  grafast: {
    explain: false,
    context: (request) => ({ pgSettings: settings.get(request.node?.req.headers.authorization) }),
  },
}
const instance = postgraphile(preset)
const serv = instance.createServ(grafserv)
const server = createServer()
await serv.addTo(server)
const graphql = server.listeners('request')
server.removeAllListeners('request')
server.on('request', (request, response) => {
  if (request.url === '/statements') return response.end(String(statements()))
  for (const one of graphql) one.call(server, request, response)
})
server.listen(port, '127.0.0.1')
