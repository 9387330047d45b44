// How many statements went to PostgreSQL.
let count = 0

export const statements = () => count

export function counted(Client) {
  const query = Client.prototype.query
  Client.prototype.query = function (...given) {
    count += 1
    return query.apply(this, given)
  }
}
