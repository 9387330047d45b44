// Runs every server audit of graphql-http against the address given and writes what came of each as JSON.
// A header given as second argument ("name: value") goes with every request.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [url, header, folder] = process.argv.slice(2)
const require = createRequire(`${folder}/package.json`)
const { serverAudits } = await import(pathToFileURL(require.resolve('graphql-http')))
const [name, value] = header ? header.split(': ') : []

const fetchFn = (input, init = {}) => {
  const headers = new Headers(init.headers)
  if (name) headers.set(name, value)
  return fetch(input, { ...init, headers })
}

const results = []
for (const audit of serverAudits({ url, fetchFn })) {
  const { id, name, status, reason } = await audit.fn()
  results.push({ id, name, status, reason })
}
console.log(JSON.stringify(results))
