"""The log under fire: whatever commits while it is read is delivered, once, in the order of each node's versions."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.database import application_engine
from outbox import log
from outbox.log import LoggedEvent, LogReader, Position, missed, present
from tests.scale import scaled

pytestmark = pytest.mark.database
WRITERS = 16
OPEN_FOR = 5.0
COMMITS = scaled(10_000)

_TENANT = text("select set_config('app.tenant', :tenant, true)")
_INSERT = text("""
insert into event (tenant_id, type, node_type, node_id, version, actor_id)
values (:tenant, 'JobUpdated', 'Job', :node, :version, null) returning seq
""")


class Writer:
    """Appends facts about nodes that other writers write to as well, each under the node's lock as commands do."""

    def __init__(self, engine: AsyncEngine, tenant: uuid.UUID, nodes: Sequence[uuid.UUID]) -> None:
        self._engine = engine
        self._tenant = tenant
        self._nodes = nodes
        self.committed: dict[int, tuple[uuid.UUID, int]] = {}
        self.versions: dict[uuid.UUID, int] = {}
        self.locks: dict[uuid.UUID, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def commit(self, commits: int) -> None:
        async with self._engine.connect() as connection:
            for number in range(commits):
                await self._one(connection, rolled_back=number % 11 == 0, pause=0.05 if number % 97 == 0 else 0.0)

    async def _one(self, connection: AsyncConnection, *, rolled_back: bool, pause: float) -> None:
        node = random.choice(self._nodes)
        async with self.locks[node]:
            version = self.versions.get(node, 0) + 1
            written = {}
            if rolled_back:
                await self._write(connection, node, version)
                await connection.rollback()
            written[await self._write(connection, node, version)] = (node, version)
            if pause:
                await asyncio.sleep(pause)
            await connection.commit()
            self.versions[node] = version
            self.committed |= written

    async def hold(self, seconds: float) -> None:
        """One fact whose transaction stays open while the others go on."""
        async with self._engine.connect() as connection:
            node = uuid.uuid4()
            seq = await self._write(connection, node, 1)
            await asyncio.sleep(seconds)
            await connection.commit()
            self.committed[seq] = (node, 1)

    async def _write(self, connection: AsyncConnection, node: uuid.UUID, version: int) -> int:
        await connection.execute(_TENANT, {"tenant": str(self._tenant)})
        given = {"tenant": self._tenant, "node": node, "version": version}
        return (await connection.execute(_INSERT, given)).scalar_one()


async def read_all(reader: LogReader) -> list[LoggedEvent]:
    return [event async for batch in reader.read() for event in batch.events]


async def read_on(reader: LogReader, seen: list[LoggedEvent], done: asyncio.Event) -> None:
    """Read until all is written and read."""
    while True:
        last = done.is_set()
        seen += await read_all(reader)
        if last:
            return
        await asyncio.sleep(0.005)


def check_all(writer: Writer, seen: Sequence[LoggedEvent]) -> None:
    """Every committed fact once, no other, and each node's in the order of its versions."""
    assert {one.seq: (one.node_id, one.version) for one in seen} == writer.committed
    assert Counter(one.seq for one in seen).most_common(1)[0][1] == 1
    versions: dict[uuid.UUID, list[int]] = defaultdict(list)
    for one in seen:
        versions[one.node_id].append(one.version)
    assert all(each == list(range(1, len(each) + 1)) for each in versions.values())


@pytest.mark.slow
async def test_ten_thousand_commits_of_sixteen_writers_are_delivered_once_and_in_order(
    engine: AsyncEngine, tenant: uuid.UUID
) -> None:
    writer = Writer(engine, tenant, [uuid.uuid4() for _ in range(200)])
    readers = [LogReader(engine), LogReader(engine)]
    seen: list[list[LoggedEvent]] = [[], []]
    done = asyncio.Event()
    for reader in readers:
        await reader.start()
    reading = [asyncio.create_task(read_on(*one, done)) for one in zip(readers, seen, strict=True)]
    holding = asyncio.create_task(writer.hold(OPEN_FOR))
    await asyncio.gather(*(writer.commit(COMMITS // WRITERS) for _ in range(WRITERS)))
    await holding
    done.set()
    await asyncio.gather(*reading)
    assert len(writer.committed) == COMMITS + 1
    for one in seen:
        check_all(writer, one)


async def test_a_client_goes_on_from_any_position_in_any_process(
    engine: AsyncEngine, tenant: uuid.UUID, fresh_database_url: str
) -> None:
    """What a position covers and what is missed since then are together everything, and nothing twice."""
    writer = Writer(engine, tenant, [uuid.uuid4() for _ in range(20)])
    positions: list[Position] = []
    done = asyncio.Event()
    first = await present(engine)

    async def look() -> None:
        while not done.is_set():
            positions.append(await present(engine))
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    holding = asyncio.create_task(writer.hold(0.5))
    await asyncio.gather(*(writer.commit(40) for _ in range(8)))
    await holding
    done.set()
    await looking
    elsewhere = application_engine(fresh_database_url)
    try:
        until = await present(elsewhere)
        everything = await missed(elsewhere, tenant, first, until, 10_000)
        assert everything is not None
        check_all(writer, everything)
        assert len(positions) > 5
        for position in positions:
            kept = Position.of_token(position.token())
            assert kept == position
            since = await missed(elsewhere, tenant, kept, until, 10_000)
            assert since is not None
            before = [one for one in everything if kept.covers(one)]
            assert sorted(one.seq for one in [*before, *since]) == sorted(writer.committed)
    finally:
        await elsewhere.dispose()


async def test_a_long_transaction_delays_only_its_own_facts(engine: AsyncEngine, tenant: uuid.UUID) -> None:
    writer = Writer(engine, tenant, [uuid.uuid4()])
    reader = LogReader(engine)
    await reader.start()
    async with engine.connect() as held:
        early = await writer._write(held, uuid.uuid4(), 1)
        await writer.commit(3)
        assert [one.seq for one in await read_all(reader)] == sorted(writer.committed)
        await held.commit()
    assert [one.seq for one in await read_all(reader)] == [early]
    assert await read_all(reader) == []


async def test_more_than_a_page_is_read_in_order_and_goes_on_after_a_failure(
    engine: AsyncEngine, tenant: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PAGE", 4)
    writer = Writer(engine, tenant, [uuid.uuid4()])
    reader = LogReader(engine)
    await reader.start()
    await writer.commit(10)
    before = reader.position
    async with contextlib.aclosing(reader.read()) as batches:
        taken = [await anext(batches)]
    assert len(taken[0].events) == 4
    assert taken[0].after == before == reader.position
    check_all(writer, await read_all(reader))
    assert reader.position != before


async def test_another_tenants_facts_are_not_missed_by_anybody(engine: AsyncEngine, tenant: uuid.UUID) -> None:
    since = await present(engine)
    await Writer(engine, tenant, [uuid.uuid4()]).commit(2)
    until = await present(engine)
    assert len(await missed(engine, tenant, since, until, 10) or ()) == 2
    assert await missed(engine, uuid.uuid4(), since, until, 10) == []


async def test_too_many_missed_facts_cannot_be_given(engine: AsyncEngine, tenant: uuid.UUID) -> None:
    since = await present(engine)
    await Writer(engine, tenant, [uuid.uuid4()]).commit(5)
    until = await present(engine)
    assert await missed(engine, tenant, since, until, 4) is None
    assert len(await missed(engine, tenant, since, until, 5) or ()) == 5


async def test_a_pruned_position_cannot_be_gone_on_from(
    engine: AsyncEngine, tenant: uuid.UUID, fresh_database_url: str
) -> None:
    """The positions are written out: the server's transactions elsewhere would move those of the present."""
    since = await present(engine)
    await Writer(engine, tenant, [uuid.uuid4()]).commit(1)
    (first,) = await missed(engine, tenant, since, await present(engine), 10) or ()
    before = Position(since.incarnation, f"{first.xid}:{first.xid}:")
    after = Position(since.incarnation, f"{first.xid + 1}:{first.xid + 1}:")
    _as_owner(fresh_database_url, f"update event_log set pruned_below = '{first.xid + 1}'")
    await Writer(engine, tenant, [uuid.uuid4()]).commit(1)
    until = await present(engine)
    assert await missed(engine, tenant, before, until, 10) is None
    # Nothing that was pruned is beyond this one.
    assert len(await missed(engine, tenant, after, until, 10) or ()) == 1


async def test_a_position_of_another_incarnation_cannot_be_gone_on_from(
    engine: AsyncEngine, tenant: uuid.UUID, fresh_database_url: str
) -> None:
    since = await present(engine)
    _as_owner(fresh_database_url, "update event_log set incarnation = gen_random_uuid()")
    assert await missed(engine, tenant, since, await present(engine), 10) is None


async def test_a_position_from_the_future_cannot_be_gone_on_from(engine: AsyncEngine, tenant: uuid.UUID) -> None:
    now = await present(engine)
    far = Position(now.incarnation, "4000000000:4000000000:")
    assert await missed(engine, tenant, far, now, 10) is None


@pytest.mark.parametrize("snapshot", [
    "", "1", "1:2", "1:2:3:4", "0:0:", "2:1:", "1:3:3", "1:3:0", "1:5:3,2", "1:5:2,2", "-1:2:", "1:2:x", "1:2:1,",
    " 1:2:", "1:2:\n", "1" * 20 + ":1:", "\uff11:2:", "1:2:;drop table event",
])  # fmt: skip
def test_a_token_that_is_no_snapshot_is_none_of_ours(snapshot: str) -> None:
    token = base64.urlsafe_b64encode(uuid.uuid4().bytes + snapshot.encode()).rstrip(b"=").decode()
    assert Position.of_token(token) is None


@pytest.mark.parametrize("token", ["", "a", "é", "!!!!", "AAAA", "=", "A" * 22, "\0", "A" * 5000])
def test_a_token_that_is_garbage_is_none_of_ours(token: str) -> None:
    assert Position.of_token(token) is None


@pytest.mark.parametrize("snapshot", ["1:1:", "1:2:1", "10:20:10,12,19"])
async def test_a_token_brings_its_position_back_and_the_database_takes_it(engine: AsyncEngine, snapshot: str) -> None:
    position = Position(uuid.uuid4(), snapshot)
    assert Position.of_token(position.token()) == position
    async with engine.connect() as connection:
        taken = await connection.scalar(text("select cast(:s as pg_snapshot)::text"), {"s": snapshot})
    assert taken == snapshot


@pytest.mark.parametrize(
    ("xid", "covered"), [(9, True), (10, False), (11, True), (12, False), (18, True), (19, False), (20, False)]
)
async def test_what_a_position_covers_is_what_the_database_says(engine: AsyncEngine, xid: int, covered: bool) -> None:
    snapshot = "10:20:10,12,19"
    values = dict.fromkeys(LoggedEvent.__dataclass_fields__)
    event = LoggedEvent(**{**values, "xid": xid})
    async with engine.connect() as connection:
        said = await connection.scalar(
            text("select pg_visible_in_snapshot(cast(:xid as text)::xid8, cast(:s as pg_snapshot))"),
            {"xid": str(xid), "s": snapshot},
        )
    assert Position(uuid.uuid4(), snapshot).covers(event) == said == covered


def _as_owner(url: str, statement: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)
