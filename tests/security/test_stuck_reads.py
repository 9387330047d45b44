"""A right is taken while a read of it hangs on a lock: what the read brings back late fills nothing that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from tests.server.talking import Station, stationed, talk
from tests.world.mirror import plain
from tests.world.serving import Place

READ = "{ reports(first: 50) { totalCount nodes { title } } viewer { permissions } }"
VIEWER, RIGHT = "portal_incidents", "incident_reports"
AGAIN = 30


@pytest.fixture(params=[True, False], ids=["compiled", "field by field"])
def stations(request: pytest.FixtureRequest, own_world: Place, tmp_path: Any) -> Any:
    compiled = request.param
    with stationed(own_world, tmp_path, compiled=compiled) as one, stationed(own_world, tmp_path) as other:
        yield one, other


@asynccontextmanager
async def locked(url: str, table: str) -> AsyncGenerator[None]:
    """Nobody reads the table meanwhile."""
    async with await psycopg.AsyncConnection.connect(plain(url)) as connection:
        await connection.execute(f"lock table {table} in access exclusive mode")
        yield
        await connection.rollback()


async def hanging(url: str, reads: int) -> None:
    """Return when so many statements wait for a lock."""
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with await psycopg.AsyncConnection.connect(plain(url), autocommit=True) as connection, asyncio.timeout(20):
        found = 0
        while found < reads:
            found = ((await (await connection.execute(query)).fetchone()) or [0])[0]
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("table", ["report", "session"])
async def test_a_read_that_hung_through_a_revoke_leaves_nothing_behind(
    stations: tuple[Station, Station], table: str
) -> None:
    near, far = stations
    grant = near.one("Grant", user=near.place.world.users[VIEWER], name=RIGHT)
    async with talk(near, VIEWER) as line:
        assert (await line.query("warm", READ))["reports"]["totalCount"] > 0
        assert near.ask(VIEWER, READ)["reports"]["totalCount"] > 0
        if table == "report":
            late = await _revoked_meanwhile(near, far, grant, line)
        else:
            # The revoke needs what is locked here as well, so it hangs with the reads, and all go on at once.
            late = await _revoked_at_once(near, far, grant, line)
        for reply in late:
            assert "errors" not in reply.json()
        assert await line.data("late") is not None
        for number in range(AGAIN):
            station = (near, far)[number % 2]
            assert (await asyncio.to_thread(station.ask, VIEWER, READ))["reports"] == {"totalCount": 0, "nodes": []}
            said = await line.query(f"again{number}", READ)
            assert said["reports"] == {"totalCount": 0, "nodes": []}
            assert "VIEW_INCIDENT_REPORTS" not in said["viewer"]["permissions"]


def _asked(station: Station) -> Any:
    return station.http.post("/graphql", json={"query": READ}, headers=station.bearer(VIEWER))


async def _revoked_meanwhile(near: Station, far: Station, grant: str, line: Any) -> list[Any]:
    async with locked(near.place.url, "report"):
        reads = [asyncio.create_task(asyncio.to_thread(_asked, near)) for _ in range(3)]
        await line.subscribe("late", READ)
        await hanging(near.place.url, 4)
        await asyncio.to_thread(far.command, "administrator", "revokeAccess", "", id=grant)
    return await asyncio.gather(*reads)


async def _revoked_at_once(near: Station, far: Station, grant: str, line: Any) -> list[Any]:
    async with locked(near.place.url, "session"):
        reads = [asyncio.create_task(asyncio.to_thread(_asked, near)) for _ in range(3)]
        await line.subscribe("late", READ)
        revoke = asyncio.create_task(asyncio.to_thread(far.command, "administrator", "revokeAccess", "", id=grant))
        await hanging(near.place.url, 5)
    await revoke
    return await asyncio.gather(*reads)
