"""The connections of the compiled read path: shared out in turn, replaced when they die, never reused half-way."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy import make_url

from compiler.shape import Ids
from server import reads
from server.errors import is_outage
from server.reads import Busy, ReadConnections
from tests.server.talking import until

SLOW = "select pg_sleep($1::float8)::text::bytea"
PID = "select pg_backend_pid()::text::bytea"


async def backend(connections: ReadConnections) -> int:
    value = await connections.value(PID, [])
    assert value is not None
    return int(value)


def ended(database_url: str, backend: int) -> None:
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s)", [backend])


async def test_a_connection_is_used_again(connections: ReadConnections) -> None:
    assert len({await backend(connections) for _ in range(5)}) == 1


async def test_there_are_never_more_than_allowed_and_who_waits_comes_in_turn(connections: ReadConnections) -> None:
    order: list[int] = []

    async def one(number: int) -> int:
        pid = await backend(connections)
        order.append(number)
        return pid

    pids = await asyncio.gather(*(one(number) for number in range(12)))
    assert len(set(pids)) == 2
    assert sorted(order) == list(range(12))


async def test_who_waits_too_long_is_told_that_it_is_an_outage(
    connections: ReadConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "WAITS_FOR", 0.05)
    busy = [asyncio.create_task(connections.value(SLOW, [0.5])) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as caught:
        await backend(connections)
    assert is_outage(caught.value)
    await asyncio.gather(*busy)
    assert await backend(connections)


@pytest.mark.parametrize("handed", [True, False])
async def test_what_comes_for_somebody_who_was_cancelled_is_for_the_next(
    handed: bool, connections: ReadConnections
) -> None:
    """Before it comes, or in the very moment in which it has come."""
    busy = [await connections._take() for _ in range(2)]
    gone, after = (asyncio.create_task(backend(connections)) for _ in range(2))
    await asyncio.sleep(0)
    if handed:
        connections._give(busy[0])
        gone.cancel()
    else:
        gone.cancel()
        connections._give(busy[0])
    assert await after
    with pytest.raises(asyncio.CancelledError):
        await gone
    connections._give(busy[1])
    assert len(connections.free) == 2


async def test_a_connection_that_ends_makes_room_for_whoever_waits(connections: ReadConnections) -> None:
    busy = [await connections._take() for _ in range(2)]
    waiting = asyncio.create_task(backend(connections))
    await asyncio.sleep(0)
    connections._drop(busy[0])
    assert await waiting
    connections._give(busy[1])


async def test_a_dead_connection_is_replaced(connections: ReadConnections, database_url: str) -> None:
    first = await backend(connections)
    await asyncio.to_thread(ended, database_url, first)
    last = connections.free[-1]
    await until(last.is_closed)
    assert await backend(connections) != first


async def test_a_statement_that_is_refused_costs_no_connection(connections: ReadConnections) -> None:
    first = await backend(connections)
    with pytest.raises(asyncpg.PostgresError):
        await connections.value("select 1 / $1::int", [0])
    assert await backend(connections) == first


async def test_a_connection_that_was_given_up_is_never_used_again(connections: ReadConnections) -> None:
    first = await backend(connections)
    waiting: asyncio.Task[Any] = asyncio.create_task(connections.value(SLOW, [20.0]))
    await until(lambda: not connections.free)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert {await backend(connections) for _ in range(3)}.isdisjoint({first})


@pytest.mark.parametrize("count", [0, 1, 3, 200])
async def test_packed_ids_arrive_as_they_are(count: int, connections: ReadConnections) -> None:
    ids = Ids(uuid.uuid4() for _ in range(count))
    told = await connections.value("select convert_to($1::uuid[]::text, 'UTF8')", [ids])
    assert told == f"{{{','.join(map(str, ids))}}}".encode()


async def test_lists_with_gaps_arrive_as_they_are(connections: ReadConnections) -> None:
    one = uuid.uuid4()
    assert await connections.value("select convert_to($1::uuid[]::text, 'UTF8')", [[None, one]]) == b"{NULL,%b}" % (
        str(one).encode()
    )
