"""What the driver costs: the very statements of the read path through psycopg and through asyncpg, side by side.

Only the application's processor time is counted: PostgreSQL does the same for both.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, cast

import psycopg

from auth.sessions import read_token
from bench.peers.data import Size, plain, seed
from bench.peers.queries import mixed, portico
from bench.stage import SECRET, database
from compiler.parameters import Call
from compiler.run import Compiled
from models.database import READER_ROLE, application_engine
from resolvers.context import Services
from server.contract import GraphQLRequest
from server.operations import Operations
from server.reads import ActorStandings, ReadConnections

LANES = 10
Fetch = Callable[[], Awaitable[bytes | None]]


async def run(quick: bool) -> list[dict[str, Any]]:
    """A row a query: microseconds of processor time a statement with each driver, and their ratio."""
    times = 200 if quick else 1_000
    with database() as url:
        people = await asyncio.to_thread(seed, url, Size(tenants=2, organizations=200))
        asked = mixed(people, Size(tenants=2, organizations=200))
        async with AsyncExitStack() as stack:
            asyncpg = ReadConnections(url, size=LANES)
            await asyncpg.start()
            stack.push_async_callback(asyncpg.stop)
            others = [await stack.enter_async_context(await _connect(url)) for _ in range(LANES)]
            rows: list[dict[str, Any]] = []
            for name in "AD":
                sql, arguments = await _statement(url, asked[name][0])
                rows.append(await _compared(name, asyncpg, others, sql, arguments, times))
    return rows


async def _connect(url: str) -> psycopg.AsyncConnection[Any]:
    options = f"-c role={READER_ROLE} -c jit=off -c plan_cache_mode=force_generic_plan -c timezone=UTC"
    return await psycopg.AsyncConnection.connect(plain(url), autocommit=True, prepare_threshold=0, options=options)


async def _statement(url: str, asked: Any) -> tuple[str, list[Any]]:
    """The statement of a request, and what is bound to it."""
    engine = application_engine(url)
    compiled = Compiled(None, ActorStandings(engine), SECRET.encode())  # type: ignore[arg-type]
    document, variables = portico(asked)
    operations = Operations(Services(engine, None, b"", None))  # type: ignore[arg-type]
    prepared = operations.prepare(GraphQLRequest(document, dict(variables)))
    credential = read_token(asked.viewer.token)
    assert credential is not None
    standing = await compiled.standings.read(credential)
    assert standing is not None
    plan = compiled.plan(prepared.question, standing)
    await engine.dispose()
    return plan.sql, plan.arguments(Call(credential, standing, prepared.variables, SECRET.encode()))


async def _compared(
    name: str,
    asyncpg: ReadConnections,
    others: list[psycopg.AsyncConnection[Any]],
    sql: str,
    arguments: Sequence[Any],
    times: int,
) -> dict[str, Any]:
    named = re.sub(r"\$(\d+)::", r"%(p\1)b::", sql.replace("%", "%%"))
    given = {f"p{number}": _plain(one) for number, one in enumerate(arguments, 1)}
    free = list(others)

    async def by_psycopg() -> bytes | None:
        connection = free.pop()
        try:
            row = await (await connection.cursor(binary=True).execute(named.encode(), given, prepare=True)).fetchone()
            return None if row is None else bytes(row[0])
        finally:
            free.append(connection)

    async def by_asyncpg() -> bytes | None:
        return await asyncpg.value(sql, arguments)

    assert await by_psycopg() == await by_asyncpg()
    costs = {"psycopg": 0.0, "asyncpg": 0.0}
    for _ in range(4):
        for driver, fetch in (("psycopg", by_psycopg), ("asyncpg", by_asyncpg)):
            costs[driver] += await _cost(fetch, times // 4)
    shown = {f"{driver}_us": round(cost / times * 1e6, 1) for driver, cost in costs.items()}
    return {"query": name, **shown, "asyncpg_over_psycopg": round(costs["asyncpg"] / costs["psycopg"], 3)}


def _plain(value: Any) -> Any:
    """A tuple would be written as a row."""
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value


async def _cost(fetch: Fetch, times: int) -> float:
    async def lane() -> None:
        for _ in range(times // LANES):
            await fetch()

    await asyncio.gather(*(lane() for _ in range(LANES)))
    began = time.process_time()
    await asyncio.gather(*(lane() for _ in range(LANES)))
    return time.process_time() - began
