// graphql-yoga with dataloaders on the benchmark's database: keyset connections, the viewer's scope in every statement.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import DataLoader from 'dataloader'
import { createSchema, createYoga } from 'graphql-yoga'
import pg from 'pg'
import { counted, statements } from './counted.mjs'

const { database, port, claims: path } = JSON.parse(process.argv[2])
const claims = new Map(
  Object.entries(JSON.parse(readFileSync(path))).map(([token, one]) => [`Bearer ${token}`, one]),
)

counted(pg.Client)
// Dates and instants stay the text PostgreSQL writes.
pg.types.setTypeParser(1082, (text) => text)
pg.types.setTypeParser(1184, (text) => `${text.replace(' ', 'T')}:00`)
const pool = new pg.Pool({ connectionString: database, max: 10, options: '-c jit=off -c timezone=UTC' })

// By list: its table, its parent's key, its order, and who sees a row.
const places = (site) => `me.everywhere or t.organization_id = any(me.organizations) or ${site} = any(me.sites)`
const SITE = { table: 'site', order: 'name', kind: 'text', up: true, seen: places('t.id') }
const LISTS = {
  organizations: {
    table: 'organization', order: 'short_name', kind: 'text', up: true, seen: 'me.everywhere or t.id = any(me.touched)',
  },
  allSites: SITE,
  sites: { ...SITE, key: 'organization_id' },
  contracts: {
    table: 'contract', key: 'site_id', order: 'start_on', kind: 'date', up: false,
    seen: `me.everywhere or (t.status in ('ACTIVE', 'EXPIRING', 'TERMINATED') and (${places('t.site_id')}))`,
  },
  jobs: {
    table: 'job', key: 'contract_id', order: 'scheduled_at', kind: 'timestamptz', up: false, seen: places('t.site_id'),
  },
}
const ME = `(select $1::uuid as tenant, $2::boolean as everywhere, $3::uuid[] as organizations, $4::uuid[] as sites,
  $5::uuid[] as touched) me`
const scope = (viewer) => [viewer.tenant, viewer.all, viewer.organizations, viewer.sites, viewer.touched]
const where = ({ seen }) => `t.tenant_id = me.tenant and t.archived_at is null and (${seen})`

const run = async (name, text, values) => (await pool.query({ name, text, values })).rows

async function rowsById(list, viewer, ids) {
  const text = `select t.* from ${ME}, ${list.table} t where ${where(list)} and t.id = any($6::uuid[])`
  const rows = await run(`${list.table} by id`, text, [...scope(viewer), ids])
  const found = new Map(rows.map((row) => [row.id, row]))
  return ids.map((id) => found.get(id) ?? null)
}

function pageSql(list, after) {
  const { table, key, order, kind, up } = list
  const [direction, sign] = up ? ['asc', '>'] : ['desc', '<']
  const sorted = (alias) => `${alias}.${order} ${direction}, ${alias}.id ${direction}`
  const at = key ? ` and t.${key} = p.id` : ''
  const beyond = after ? ` and (t.${order}, t.id) ${sign} ($8::${kind}, $9::uuid)` : ''
  const page = `select t.* from ${table} t where ${where(list)}${at}${beyond} order by ${sorted('t')} limit $7`
  return `select p.place::int, r.* from ${ME}, unnest($6::uuid[]) with ordinality p(id, place),
    lateral (${page}) r order by p.place, ${sorted('r')}`
}

async function pages(name, viewer, first, after, parents) {
  const position = after ? decoded(after) : []
  const sql = pageSql(LISTS[name], after)
  const rows = await run(`${name} ${after ? 'after' : ''}`, sql, [...scope(viewer), parents, first + 1, ...position])
  const found = parents.map(() => [])
  for (const row of rows) found[row.place - 1].push(row)
  return found
}

async function totals(name, viewer, parents) {
  const list = LISTS[name]
  const text = `select t.${list.key} as parent, count(*)::int as total from ${ME}, ${list.table} t
    where ${where(list)} and t.${list.key} = any($6::uuid[]) group by 1`
  const rows = await run(`${name} totals`, text, [...scope(viewer), parents])
  const found = new Map(rows.map((row) => [row.parent, row.total]))
  return parents.map((parent) => found.get(parent) ?? 0)
}

const encoded = (name, row) => Buffer.from(JSON.stringify([row[LISTS[name].order], row.id])).toString('base64url')
const decoded = (cursor) => JSON.parse(Buffer.from(cursor, 'base64url').toString())

class Loaders {
  constructor(viewer) {
    this.viewer = viewer
    this.made = new Map()
  }

  // One loader for each table and window: keys asked for in one turn become one statement.
  of(name, batch) {
    if (!this.made.has(name)) this.made.set(name, new DataLoader(batch))
    return this.made.get(name)
  }

  row(name, id) {
    return this.of(`${name} row`, (ids) => rowsById(LISTS[name], this.viewer, ids)).load(id)
  }

  page(name, parent, { first, after }) {
    return this.of(`${name} ${first} ${after}`, (parents) => pages(name, this.viewer, first, after, parents)).load(parent)
  }

  total(name, parent) {
    return this.of(`${name} total`, (parents) => totals(name, this.viewer, parents)).load(parent)
  }
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

async function connection(name, parent, given, { loaders }) {
  const rows = await loaders.page(name, parent, given)
  const page = rows.slice(0, given.first)
  return {
    totalCount: () => loaders.total(name, parent),
    pageInfo: () => ({
      hasNextPage: rows.length > given.first,
      endCursor: page.length ? encoded(name, page.at(-1)) : null,
    }),
    edges: () => page.map((node) => ({ node, cursor: () => encoded(name, node) })),
  }
}

const below = (name) => (row, given, context) => connection(name, row.id, given, context)
const above = (name) => (_, given, context) => connection(name, NOBODY, given, context)
const list = (name) => `
  type ${name}Edge { node: ${name}! cursor: String! }
  type ${name}Connection { totalCount: Int! pageInfo: PageInfo! edges: [${name}Edge!]! }`

const typeDefs = `
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Organization { id: ID! shortName: String! legalName: String! status: String! sites(first: Int!, after: String): SiteConnection! }
  type Site { id: ID! name: String! status: String! timeZone: String! contracts(first: Int!, after: String): ContractConnection! }
  type Contract { id: ID! reference: String! title: String! status: String! startOn: String! weekendMultiplier: String
    jobs(first: Int!, after: String): JobConnection! }
  type Job { id: ID! reference: String! title: String! status: String! priority: String! scheduledAt: String! site: Site }
  ${['Organization', 'Site', 'Contract', 'Job'].map(list).join('')}
  type Query {
    organization(id: ID!): Organization
    job(id: ID!): Job
    organizations(first: Int!, after: String): OrganizationConnection!
    sites(first: Int!, after: String): SiteConnection!
  }`

const resolvers = {
  Query: {
    organization: (_, { id }, { loaders }) => loaders.row('organizations', id),
    job: (_, { id }, { loaders }) => loaders.row('jobs', id),
    organizations: above('organizations'),
    sites: above('allSites'),
  },
  Organization: {
    shortName: (row) => row.short_name,
    legalName: (row) => row.legal_name,
    sites: below('sites'),
  },
  Site: { timeZone: (row) => row.time_zone, contracts: below('contracts') },
  Contract: { startOn: (row) => row.start_on, weekendMultiplier: (row) => row.weekend_multiplier, jobs: below('jobs') },
  Job: { scheduledAt: (row) => row.scheduled_at, site: (row, _, { loaders }) => loaders.row('sites', row.site_id) },
}

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: ({ request }) => ({ loaders: new Loaders(claims.get(request.headers.get('authorization'))) }),
  logging: 'error',
  graphiql: false,
  landingPage: false,
  maskedErrors: false,
})
createServer((request, response) =>
  request.url === '/statements' ? response.end(String(statements())) : yoga(request, response),
).listen(port, '127.0.0.1')
