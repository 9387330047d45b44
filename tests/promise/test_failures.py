"""Deaf, frozen and killed processes, and a database that goes away: nothing revoked is sent, and all recovers alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url, text

from tests.promise.checker import Checker, company
from tests.promise.nodes import Node, Nursery
from tests.promise.plan import Plan
from tests.promise.viewer import Viewer

pytestmark = [pytest.mark.database, pytest.mark.timeout(180)]
LEASE = 1.5
MARGIN = 0.25
SLACK = 10.0
"""For a machine that is busy with other things."""
_ALL_EARS = sql.SQL("""
select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'portico ear' and datname = {}
""")
_ALL_OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""


class Scene:
    """One viewer with sockets on several processes, who loses and regains the reports of a site."""

    def __init__(self, checker: Checker, nodes: Sequence[Node], url: str) -> None:
        self.checker = checker
        self.nodes = nodes
        self.url = make_url(url)
        self.viewer: Viewer = checker.viewers[0]
        self.ledger = checker.ledger

    async def revoke(self, by: Node) -> float:
        """Revoke through one process; how many seconds the answer took."""
        self.checker.awake = [by]
        began = time.monotonic()
        await self.viewer.lane.take(self.checker)
        answered = time.monotonic()
        self.ledger.taken(self.viewer.lane.name, self.viewer.lane.keys, answered)
        return answered - began

    async def grant(self, by: Node) -> None:
        """Give the right back through one process."""
        self.checker.awake = [by]
        self.ledger.giving(self.viewer.lane.name, self.viewer.lane.keys)
        await self.viewer.lane.give(self.checker)

    async def write(self, times: int = 3) -> None:
        """Write every secret anew, from beside the processes."""
        for _ in range(times):
            for secret in self.viewer.lane.secrets:
                await self.checker.world.rewrite(secret)

    async def is_told(self, node: Node, *, exactly: bool) -> None:
        """The socket there is told that the right is there, or (unless ``exactly``) that it is gone."""
        assert await self.viewer.sees(node, self.viewer.lane.keys, after=0, exactly=exactly) is not None

    async def settles(self, *nodes: Node) -> None:
        """The right, which is away, can be given and taken through every process, and every socket is told."""
        for node in nodes:
            await self.grant(node)
            for other in nodes:
                await self.is_told(other, exactly=True)
                await self.viewer.read(other, present=True)
            await self.revoke(node)
            for other in nodes:
                await self.is_told(other, exactly=False)
                await self.viewer.read(other)
        await self.viewer.clear()
        assert self.ledger.violations == []

    def run(self, statement: Any, *, database: str | None = None) -> list[Any]:
        """Run a statement as the superuser of the tests."""
        url: URL = self.url.set(drivername="postgresql", database=database or self.url.database)
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def scene(fresh_database_url: str, nodes_of: Nursery) -> Callable[[int], Any]:
    """A scene with so many processes."""

    @asynccontextmanager
    async def play(count: int) -> AsyncIterator[Scene]:
        plan = Plan(0, kinds=("reports",))
        async with (
            nodes_of.nodes(fresh_database_url, count, lease=LEASE) as nodes,
            company(fresh_database_url, plan) as made,
        ):
            checker = Checker(made, nodes, plan)
            await checker.settle()
            yield Scene(checker, nodes, fresh_database_url)
            for viewer in checker.viewers:
                viewer.disconnect()

    return play


async def until(holds: Callable[[], Awaitable[bool]], within: float = 20) -> None:
    ends = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < ends, "it did not come to pass"
        await asyncio.sleep(0.02)


async def test_a_frozen_process_is_waited_for_as_long_as_its_lease_and_then_sends_nothing_revoked(scene: Any) -> None:
    async with scene(2) as play:
        sound, frozen = play.nodes
        await play.write()
        frozen.freeze()
        took = await play.revoke(sound)
        assert took <= LEASE + MARGIN + SLACK
        await play.write()
        await play.is_told(sound, exactly=False)
        frozen.thaw()
        await play.viewer.clear()
        await play.is_told(frozen, exactly=False)
        await play.settles(sound, frozen)


async def test_a_process_frozen_for_less_than_its_lease_is_waited_for_until_it_answers(scene: Any) -> None:
    async with scene(2) as play:
        sound, frozen = play.nodes
        frozen.freeze()
        revoking = asyncio.create_task(play.revoke(sound))
        await asyncio.sleep(LEASE / 3)
        assert not revoking.done()
        frozen.thaw()
        await revoking
        await play.write()
        await play.is_told(frozen, exactly=False)
        await play.settles(sound, frozen)


async def test_a_killed_process_is_waited_for_once(scene: Any) -> None:
    async with scene(2) as play:
        sound, killed = play.nodes
        killed.kill()
        took = await play.revoke(sound)
        assert took <= LEASE + MARGIN + SLACK
        await play.grant(sound)
        assert await play.revoke(sound) < LEASE
        assert play.run("select count(*) from node_lease") == [(1,)]


async def test_deaf_processes_send_nothing_until_they_have_caught_up(scene: Any) -> None:
    async with scene(2) as play:
        # Whatever the processes need is open before the database takes no connection any more.
        await play.revoke(play.nodes[0])
        await play.settles(*play.nodes)
        await play.grant(play.nodes[0])
        for node in play.nodes:
            await play.is_told(node, exactly=True)
        database = sql.Identifier(play.url.database)
        allow = sql.SQL("alter database {} allow_connections {}")
        play.run(allow.format(database, sql.SQL("false")), database="postgres")
        try:
            play.run(_ALL_EARS.format(sql.Literal(play.url.database)), database="postgres")
            for node in play.nodes:
                await until(lambda node=node: _deaf(node))
            before = play.ledger.judged.total()
            await play.write()
            await play.viewer.clear()
            await asyncio.sleep(0.5)
            assert play.ledger.judged.total() == before
            # Nobody hears and nobody acknowledges, so the change takes effect when all leases have run out.
            assert await play.revoke(play.nodes[0]) <= LEASE + MARGIN + SLACK
            await play.write()
        finally:
            play.run(allow.format(database, sql.SQL("true")), database="postgres")
        for node in play.nodes:
            await play.is_told(node, exactly=False)
        await play.viewer.clear()
        await play.settles(*play.nodes)


async def _deaf(node: Node) -> bool:
    return b'"listener":false' in (await node.http.get("/health/ready")).body


async def test_a_database_that_drops_everybody_is_come_back_to(scene: Any) -> None:
    async with scene(2) as play:
        await play.revoke(play.nodes[0])
        for _ in range(2):
            play.run(_ALL_OTHERS)
            await asyncio.gather(*(node.ready() for node in play.nodes))
            await until(lambda: _reachable(play))
            await play.settles(*play.nodes)


async def _reachable(play: Scene) -> bool:
    """The tests' own connections are gone too; each that turns out to be dead is replaced."""
    try:
        async with play.checker.world.engine.connect() as connection:
            await connection.execute(text("select 1"))
    except Exception:  # noqa: BLE001
        return False
    return True


async def test_who_revokes_may_be_killed_before_the_answer(scene: Any) -> None:
    """The others have raised their gates all the same, and a repetition is answered behind the fence."""
    async with scene(3) as play:
        revoker, frozen, other = play.nodes
        live = "select count(*) from access_grant where archived_at is null and name = 'reports'"
        assert play.run(live) == [(1,)]
        frozen.freeze()
        revoking = asyncio.create_task(play.revoke(revoker))
        await until(lambda: _is(play, live, 0))
        assert not revoking.done()
        revoker.kill()
        with pytest.raises((OSError, EOFError)):
            await revoking
        await play.is_told(other, exactly=False)
        play.ledger.taken(play.viewer.lane.name, play.viewer.lane.keys, time.monotonic())
        await play.write()
        await play.viewer.read(other)
        frozen.thaw()
        await play.is_told(frozen, exactly=False)
        await play.settles(frozen, other)


async def _is(play: Scene, statement: str, number: int) -> bool:
    return play.run(statement) == [(number,)]
