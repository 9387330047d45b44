"""The limit: what reads cost when one statement a query is written by hand and its JSON goes out as it came.

It does all that the others do: the session is looked up and the rights are applied in the same statement. As a careful
author would, it remembers a token's places and has the statement check that they still hold (the epoch), leaves out a
predicate where the rights do not narrow, and reads as a role that can do nothing else. Cursors hold the same position
as Portico's, not signed.
"""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, NamedTuple

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.sessions import read_token
from models.database import READER_ROLE

ME = """with me as materialized (select from session s
join tenant w on w.id = s.tenant_id and w.status = 'ACTIVE'
join app_user u on u.tenant_id = s.tenant_id and u.id = s.user_id and u.status = 'ACTIVE' and u.archived_at is null
join permission_epoch e on e.tenant_id = s.tenant_id and e.id = s.user_id and e.number = @epoch::bigint
where s.tenant_id = @tenant::uuid and s.secret_hash = @secret::bytea and s.ended_at is null
and s.expires_at > clock_timestamp())
"""
STANDING = """select e.number, bool_or(g.organization_id is null),
coalesce(array_agg(g.organization_id) filter (where g.site_id is null), '{}'),
coalesce(array_agg(g.site_id) filter (where g.site_id is not null), '{}'),
coalesce(array_agg(distinct g.organization_id), '{}')
from session s join permission_epoch e on e.tenant_id = s.tenant_id and e.id = s.user_id
join access_grant g on g.tenant_id = s.tenant_id and g.user_id = s.user_id and g.archived_at is null
where s.tenant_id = $1 and s.secret_hash = $2 group by 1"""

AT = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
CURSOR = "encode(uuid_send(a.id) || {}, 'hex')"
PARTY = """exists (select from job_party y where y.tenant_id = @tenant::uuid and y.job_id = j.id
and y.archived_at is null and y.organization_id = any(@organizations::uuid[]))"""
SIGNED = "c.status in ('ACTIVE', 'EXPIRING', 'TERMINATED')"

# By how wide the rights are: who sees an organization, a site, a contract and a job below what is seen, and any job.
SEEN = {
    "tenant": dict.fromkeys(("organization", "site", "contract", "below", "job"), "true"),
    "organizations": {
        "organization": "o.id = any(@organizations::uuid[])",
        "site": "s.organization_id = any(@organizations::uuid[])",
        "contract": SIGNED,
        "below": "true",
        "job": f"(j.organization_id = any(@organizations::uuid[]) or {PARTY})",
    },
    "sites": {
        "organization": "o.id = any(@touched::uuid[])",
        "site": "s.id = any(@sites::uuid[])",
        "contract": SIGNED,
        "below": "(j.site_id = s.id or j.site_id = any(@sites::uuid[]))",
        "job": "j.site_id = any(@sites::uuid[])",
    },
}


class List(NamedTuple):
    """Rows of a table as a connection: what is said of each, which, in what order, and the sort value in a cursor."""

    node: str
    table: str
    where: str
    key: str
    direction: str = "desc"
    sent: str = "convert_to(a.key::text, 'UTF8')"


def connection(one: List, first: int, *, total: bool) -> str:
    """The SQL of a connection; its alias is the first letter of its table."""
    t = one.table[0]
    where = f"from {one.table} {t} where {t}.tenant_id = @tenant::uuid and {t}.archived_at is null and {one.where}"
    rows = f"select {t}.* {where} order by {t}.{one.key} {one.direction}, {t}.id {one.direction} limit {first + 1}"
    counted = f'(select count(*) {where}) as "totalCount", ' if total else ""
    return f"""(select row_to_json(l) from (select {counted}a.edges,
(select row_to_json(i) from (select a.more as "hasNextPage", {CURSOR.format(one.sent)} as "endCursor") i) as "pageInfo"
from (select coalesce(json_agg(p.edge) filter (where p.n <= {first}), '[]') as edges, count(*) > {first} as more,
(array_agg(p.key))[least({first}, count(*))] as key, (array_agg(p.id))[least({first}, count(*))] as id
from (select {t}.id, {t}.{one.key} as key, {t}.n, case when {t}.n <= {first} then
(select row_to_json(e) from (select (select row_to_json(d) from (select {one.node}) d) as node) e) end as edge
from (select {t}.*, row_number() over () as n from ({rows}) {t}) {t}) p) a) l)"""


def id_of(prefix: str, alias: str) -> str:
    return f"'{prefix}_' || replace({alias}.id::text, '-', '') as id"


def jobs(*, total: bool) -> str:
    node = f"""{id_of("job", "j")}, j.reference, j.title, j.status, j.priority,
{AT.format("j.scheduled_at")} as "scheduledAt" """
    one = List(node, "job", "j.contract_id = c.id and {below}", "scheduled_at", sent="timestamptz_send(a.key)")
    return connection(one, 10, total=total)


def contracts(*, total: bool) -> str:
    node = f"""{id_of("ctr", "c")}, c.reference, c.title, c.status, c.start_on as "startOn",
c.weekend_multiplier::text as "weekendMultiplier", {jobs(total=total)} as jobs"""
    one = List(node, "contract", "c.site_id = s.id and {contract}", "start_on", sent="date_send(a.key)")
    return connection(one, 2, total=total)


def sites(*, total: bool) -> str:
    node = f"""{id_of("sit", "s")}, s.name, s.status, {contracts(total=total)} as contracts"""
    where = "s.organization_id = o.id and {below_organization}"
    return connection(List(node, "site", where, "name", "asc"), 6, total=total)


def organization(*, total: bool) -> str:
    return f"""{id_of("org", "o")}, o.short_name as "shortName", o.legal_name as "legalName", o.status,
{sites(total=total)} as sites"""


ORGANIZATIONS = List(organization(total=False), "organization", "{organization}", "short_name", "asc")
ALL_SITES = List(f"""{id_of("sit", "s")}, s.name, s.status""", "site", "{site}", "name", "asc")
QUERIES = {
    "Portal": f"""(select row_to_json(d) from (select {organization(total=True)} from organization o
where o.tenant_id = @tenant::uuid and o.id = @id::uuid and {{organization}}) d) as node""",
    "Dashboard": f"""{connection(ORGANIZATIONS, 50, total=False)} as organizations""",
    "Selective": f"""{connection(ALL_SITES, 100, total=False)} as sites""",
    "One": f"""(select row_to_json(d) from (select {id_of("job", "j")}, j.reference, j.title, j.status,
{AT.format("j.scheduled_at")} as "scheduledAt", (select row_to_json(d) from (select s.name from site s
where s.tenant_id = @tenant::uuid and s.id = j.site_id and {{site}}) d) as site
from job j where j.tenant_id = @tenant::uuid and j.id = @id::uuid and {{job}}) d) as node""",
}


class Standing(NamedTuple):
    """What a token's holder may see, as it was read at an epoch."""

    width: str
    values: dict[str, Any]


@cache
def statement(name: str, width: str) -> tuple[str, tuple[str, ...]]:
    """The SQL of a query for rights of one width, and the names of its parameters."""
    below = SEEN[width]["site"] if width == "sites" else "true"
    chosen = QUERIES[name].format(**SEEN[width], below_organization=below)
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    sql = re.sub(r"@(\w+)", number, f"{ME}select row_to_json(answer) from (select {chosen} from me) answer")
    return sql, tuple(names)


class Limit:
    """The application."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._standings: dict[bytes, Standing] = {}
        self._statements = 0
        self._pool: Any = None

    @asynccontextmanager
    async def _open(self, _app: Starlette) -> AsyncGenerator[None]:
        self._pool = await asyncpg.create_pool(
            self._database, min_size=10, max_size=10, init=_pass_json, reset=_leave, max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings={
                "jit": "off", "timezone": "UTC", "plan_cache_mode": "force_generic_plan", "role": READER_ROLE,
            },
        )  # fmt: skip
        yield

    async def graphql(self, request: Request) -> Response:
        """The answer to one of the four queries."""
        asked = orjson.loads(await request.body())
        credential = read_token(request.headers["authorization"][7:])
        assert credential is not None
        id = asked["variables"].get("id")
        given = {"tenant": credential.tenant_id, "secret": credential.secret_hash, "id": id and id[4:]}
        body = None
        while body is None:
            standing = self._standings.get(credential.secret_hash) or await self._stand(given)
            sql, names = statement(asked["operationName"], standing.width)
            body = await self._value(sql, [given[name] if name in given else standing.values[name] for name in names])
            if body is None:
                del self._standings[credential.secret_hash]
        return Response(b'{"data":%b}' % body, media_type="application/json")

    async def _stand(self, given: dict[str, Any]) -> Standing:
        self._statements += 1
        row = await self._pool.fetchrow(STANDING, given["tenant"], given["secret"])
        epoch, everywhere, organizations, single, touched = row
        width = "tenant" if everywhere else "sites" if single else "organizations"
        values = {"epoch": epoch, "organizations": organizations, "sites": single, "touched": touched}
        self._standings[given["secret"]] = Standing(width, values)
        return self._standings[given["secret"]]

    async def _value(self, sql: str, arguments: list[Any]) -> bytes | None:
        self._statements += 1
        async with self._pool.acquire() as connection:
            return await connection.fetchval(sql, *arguments)

    async def statements(self, _request: Request) -> Response:
        return Response(str(self._statements))

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [Route("/graphql", self.graphql, methods=["POST"]), Route("/statements", self.statements)]
        return Starlette(routes=routes, lifespan=self._open)


async def _pass_json(connection: Any) -> None:
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary")


async def _leave(connection: Any) -> None:
    """Nothing is ever set on these connections."""


def main() -> None:
    """Serve the database given, at the port given."""
    database, port = sys.argv[1:]
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    uvicorn.run(Limit(database).application(), port=int(port), http="httptools", access_log=False, log_level="error")


if __name__ == "__main__":
    main()
