"""The fence: a change is answered when every process that could still send has acknowledged it."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.fencing import AccessChange, Consequence, note
from models.database import writing
from outbox import fence as fencing
from outbox.commit import Publisher
from outbox.fence import FENCE, Fence, FenceMessage, messages
from outbox.gate import Gate
from outbox.node import Node
from outbox.wire import Wire

ANN, BEN = uuid.uuid4(), uuid.uuid4()
TENANT, OTHER = uuid.uuid4(), uuid.uuid4()
LEASE = 0.6
_ALL_EARS = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name = 'portico ear' and datname = current_database()
"""


# What is announced.


def changed(user: uuid.UUID | None, consequence: Consequence = Consequence.REFRESH) -> AccessChange:
    return AccessChange(TENANT, user, consequence)


def test_a_message_comes_back_from_its_payload() -> None:
    for users in (None, (), (ANN, BEN)):
        message = FenceMessage(uuid.uuid4().hex, TENANT, users, Consequence.CLOSE)
        assert FenceMessage.loads(message.dumps()) == message


def test_nothing_is_announced_without_a_change() -> None:
    assert messages([]) == []


def test_the_users_of_a_transaction_are_announced_together_and_once() -> None:
    (message,) = messages([changed(ANN), changed(BEN), changed(ANN)])
    assert (message.tenant, message.users, message.consequence) == (TENANT, (ANN, BEN), Consequence.REFRESH)


def test_other_consequences_and_tenants_are_announced_apart() -> None:
    made = messages([changed(ANN), changed(ANN, Consequence.CLOSE), AccessChange(OTHER, BEN, Consequence.REFRESH)])
    assert {(one.tenant, one.users, one.consequence) for one in made} == {
        (TENANT, (ANN,), Consequence.REFRESH),
        (TENANT, (ANN,), Consequence.CLOSE),
        (OTHER, (BEN,), Consequence.REFRESH),
    }
    assert len({one.id for one in made}) == 3


def test_a_whole_tenant_swallows_its_users() -> None:
    (message,) = messages([changed(ANN), changed(None)])
    assert message.users is None


def test_however_many_users_a_message_fits_into_a_notification() -> None:
    users = [uuid.uuid4() for _ in range(1000)]
    made = messages([changed(user) for user in users])
    assert [user for one in made for user in one.users or ()] == users
    assert max(len(one.dumps()) for one in made) < 8000


# Who is waited for.


class Process:
    """A process with a gate, a lease and an ear."""

    def __init__(self, url: str, engine: AsyncEngine) -> None:
        self.wire = Wire(url)
        self.gate = Gate()
        self.node = Node(self.wire, self.gate, lease=LEASE)
        self.fence = Fence(engine, self.wire)
        self.publisher = Publisher(self.fence)
        self.heard: list[FenceMessage] = []
        self.node.on_fence(self.heard.append)

    async def start(self) -> None:
        self.node.start()
        await self.wire.start()

    async def stop(self) -> None:
        await self.node.stop()
        await self.wire.stop()


@asynccontextmanager
async def running(url: str, engine: AsyncEngine, count: int) -> AsyncIterator[list[Process]]:
    made = [Process(url, engine) for _ in range(count)]
    for one in made:
        await one.start()
    try:
        yield made
    finally:
        for one in made:
            await one.stop()


@pytest.fixture
async def pair(fresh_database_url: str, engine: AsyncEngine) -> AsyncGenerator[list[Process]]:
    async with running(fresh_database_url, engine, 2) as made:
        yield made


async def change(engine: AsyncEngine, process: Process, one: AccessChange) -> float:
    """Commit a change through a process; how long that took."""
    async with writing(engine, TENANT) as session:
        note(session, one)
        began = time.monotonic()
        await process.publisher.commit(session)
    return time.monotonic() - began


async def leases(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return (await connection.execute(text("select count(*) from node_lease"))).scalar_one()


@pytest.mark.database
async def test_when_it_is_answered_every_gate_is_raised(engine: AsyncEngine, pair: list[Process]) -> None:
    for number in range(20):
        marks = [one.gate.mark(TENANT, ANN) for one in pair]
        assert all(one.gate.may_send(TENANT, ANN, mark) for one, mark in zip(pair, marks, strict=True))
        await change(engine, pair[number % 2], changed(ANN))
        assert not any(one.gate.may_send(TENANT, ANN, mark) for one, mark in zip(pair, marks, strict=True))
        assert [len(one.heard) for one in pair] == [number + 1] * 2


@pytest.mark.database
async def test_a_change_without_consequence_for_rights_waits_for_nobody(
    engine: AsyncEngine, pair: list[Process]
) -> None:
    async with writing(engine, TENANT) as session:
        await pair[0].publisher.commit(session)
    assert not any(one.heard for one in pair)


@pytest.mark.database
async def test_what_is_not_committed_is_not_announced(engine: AsyncEngine, pair: list[Process]) -> None:
    async with writing(engine, TENANT) as session:
        for message in messages([changed(ANN)]):
            await pair[0].fence.announce(session, message)
    await change(engine, pair[0], changed(BEN))
    assert [message.users for each in pair for message in each.heard] == [(BEN,), (BEN,)]


@pytest.mark.database
async def test_a_silent_process_is_waited_for_until_its_lease_has_run_out(
    engine: AsyncEngine, pair: list[Process]
) -> None:
    sound, silent = pair
    for task in silent.node._tasks:
        task.cancel()
    mark = silent.gate.mark(TENANT, ANN)
    # It neither beats nor hears, as if it were frozen; only its clock goes on.
    silent.wire._handlers[FENCE] = _deaf
    took = await change(engine, sound, changed(ANN))
    assert took >= LEASE
    assert not silent.gate.may_send(TENANT, ANN, mark)
    assert await leases(engine) == 1
    assert await change(engine, sound, changed(ANN)) < LEASE


async def _deaf(_payload: str) -> None:
    """A notification nobody reads."""


@pytest.mark.database
async def test_a_process_that_beats_is_waited_for_however_long_it_takes(
    engine: AsyncEngine, pair: list[Process]
) -> None:
    sound, busy = pair
    heard, busy.wire._handlers[FENCE] = busy.wire._handlers[FENCE], _deaf
    changing = asyncio.create_task(change(engine, sound, changed(ANN)))
    await asyncio.sleep(LEASE * 3)
    assert not changing.done()
    # The announcement is said again and again, so it is heard at last.
    busy.wire._handlers[FENCE] = heard
    await changing
    assert any(message.users == (ANN,) for message in busy.heard)


@pytest.mark.database
async def test_a_process_that_was_given_up_hears_of_it_and_begins_anew(
    engine: AsyncEngine, pair: list[Process]
) -> None:
    process = pair[0]
    resynchronized = asyncio.Event()
    process.node.on_resync(resynchronized.set)
    mark = process.gate.mark(TENANT, ANN)
    async with engine.begin() as connection:
        await connection.execute(text("delete from node_lease where node_id = :id"), {"id": process.node.id})
    async with asyncio.timeout(10):
        await resynchronized.wait()
    assert process.gate.is_open()
    assert not process.gate.may_send(TENANT, ANN, mark)
    assert await leases(engine) == 2


@pytest.mark.database
async def test_a_lease_renewed_at_the_last_moment_is_not_ended(
    engine: AsyncEngine, pair: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The beat moves between the look at the lease and its end: the process is alive and must be heard."""
    sound, late = pair
    for task in late.node._tasks:
        task.cancel()
    message = FenceMessage(uuid.uuid4().hex, TENANT, (ANN,), Consequence.REFRESH)
    sound.fence._acks[message.id] = {sound.node.id}
    monkeypatch.setattr(fencing, "_MARGIN", -LEASE)

    class Racing:
        """The engine, for which the other process renews its lease after the leases were read."""

        @asynccontextmanager
        async def begin(self) -> AsyncIterator[Racing]:
            async with engine.begin() as self.connection:
                yield self

        async def execute(self, statement: object, given: object = None) -> object:
            if given is not None:
                async with engine.begin() as other:
                    await other.execute(text("update node_lease set beat = beat + 1"))
            return await self.connection.execute(statement, given)  # type: ignore[arg-type]

    monkeypatch.setattr(sound.fence, "_engine", Racing())
    assert await sound.fence._silent(message, {}) == {late.node.id}
    assert await leases(engine) == 2


@pytest.mark.database
async def test_who_stops_gives_the_lease_back(engine: AsyncEngine, fresh_database_url: str) -> None:
    async with running(fresh_database_url, engine, 1) as (one,):
        assert await leases(engine) == 1
        assert one.gate.is_open()
    assert await leases(engine) == 0
    assert not one.gate.is_open()


@pytest.mark.database
async def test_a_wire_that_was_hung_up_opens_nothing_any_more(fresh_database_url: str) -> None:
    for spoken in (True, False):
        wire = Wire(fresh_database_url)
        if spoken:
            await wire.say(FENCE, "nothing")
        await wire.stop()
        with pytest.raises(ConnectionAbortedError):
            await wire.say(FENCE, "nothing")
        assert wire._voice is None or wire._voice.closed


@pytest.mark.database
async def test_a_process_that_loses_its_ear_sends_nothing_and_takes_it_up_again(
    engine: AsyncEngine, pair: list[Process], fresh_database_url: str
) -> None:
    closed, open_again = asyncio.Event(), asyncio.Event()
    for one in pair:
        one.wire.on_down(closed.set)
        one.node.on_resync(open_again.set)
    marks = [one.gate.mark(TENANT, ANN) for one in pair]
    open_again.clear()
    plain = make_url(fresh_database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as owner:
        owner.execute(_ALL_EARS)
    async with asyncio.timeout(10):
        await closed.wait()
        await open_again.wait()
        for one in pair:
            await one.wire.up.wait()
    assert not any(one.gate.may_send(TENANT, ANN, mark) for one, mark in zip(pair, marks, strict=True))
    await change(engine, pair[0], changed(ANN))
    assert all(one.gate.is_open() for one in pair)
