// A partner's program in TypeScript: page through all sites, and wait when told to.
// Node 24 runs it as it is: PORTICO_URL=... PORTICO_CLIENT_ID=... PORTICO_CLIENT_SECRET=... node partner.ts

type Site = { name: string; address: { city: string | null } }
type Page = { nodes: Site[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
type Failure = { message: string; extensions: { code: string; retryAfter?: number } }
type Answer = { data?: { sites: Page }; errors?: Failure[] }

const { PORTICO_URL: url, PORTICO_CLIENT_ID: id, PORTICO_CLIENT_SECRET: secret } = process.env
const SITES = `query Sites($after: String) {
  sites(first: 2, after: $after) { nodes { name address { city } } pageInfo { hasNextPage endCursor } }
}`

/** A token for ten minutes; get another when it ends. */
async function signIn(): Promise<string> {
  const answer = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { access_token: string }).access_token
}

/** One page; one that is refused for now is asked for again when there are points for it. */
async function page(token: string, after: string | null): Promise<Page> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: SITES, variables: { after } }),
  })
  const { data, errors } = (await answer.json()) as Answer
  if (data) return data.sites
  const throttled = errors?.find((one) => one.extensions.code === 'THROTTLED')
  if (!throttled) throw new Error(JSON.stringify(errors))
  await new Promise((resolve) => setTimeout(resolve, 1000 * (throttled.extensions.retryAfter ?? 1)))
  return page(token, after)
}

const token = await signIn()
for (let after: string | null = null, more = true; more; ) {
  const { nodes, pageInfo } = await page(token, after)
  for (const site of nodes) console.log(`${site.name}, ${site.address.city}`)
  after = pageInfo.endCursor
  more = pageInfo.hasNextPage
}
