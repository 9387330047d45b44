"""Small statements that are wanted at the same time go together, and each of them is answered as if it went alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from server.reads import ReadConnections
from server.together import MOST, Together, repeated

pytestmark = pytest.mark.database
ECHO = "select convert_to($1::text, 'UTF8') where $2::boolean"
DIVIDED = "select convert_to((100 / $1::int)::text, 'UTF8')"


class Counted:
    """Connections that say what was sent, and hold it back until they are told to go on."""

    def __init__(self, connections: ReadConnections) -> None:
        self.sent: list[int] = []
        self.go = asyncio.Event()
        self._connections = connections
        self.together = Together(self._run)

    async def _run(self, sql: str, arguments: Sequence[Any]) -> Sequence[bytes | None]:
        self.sent.append(len(arguments))
        await self.go.wait()
        return await self._connections._row(sql, arguments)

    def ask(self, sql: str, *arguments: Any) -> asyncio.Task[bytes | None]:
        return asyncio.create_task(self.together.value(sql, arguments))


@pytest.fixture
def counted(connections: ReadConnections) -> Counted:
    return Counted(connections)


def test_a_statement_is_repeated_with_parameters_of_its_own() -> None:
    assert repeated("select $1::int + $2::int + $1::int", 2, 3) == (
        "select (select $1::int + $2::int + $1::int), (select $3::int + $4::int + $3::int), "
        "(select $5::int + $6::int + $5::int)"
    )
    assert repeated(" ".join(f"${n}::int" for n in range(1, 12)), 11, 2).count("$11::int") == 1


async def test_who_is_alone_goes_alone(counted: Counted) -> None:
    counted.go.set()
    for number in range(3):
        assert await counted.ask(ECHO, str(number), True) == str(number).encode()
    assert counted.sent == [2, 2, 2]


async def test_each_gets_its_own_answer_and_none_if_there_is_none(counted: Counted) -> None:
    """One goes alone, as many as may wait go without waiting for it, and the rest when it has ended."""
    asked = [counted.ask(ECHO, f"ä{number}", number % 3 > 0) for number in range(1 + 2 * MOST + 3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert counted.sent == [2, 2 * MOST, 2 * MOST]
    counted.go.set()
    answers = await asyncio.gather(*asked)
    assert answers == [f"ä{number}".encode() if number % 3 else None for number in range(len(asked))]
    assert counted.sent == [2, 2 * MOST, 2 * MOST, 6]


async def test_other_texts_are_not_waited_for(counted: Counted) -> None:
    asked = [counted.ask(ECHO, "one", True) for _ in range(3)] + [counted.ask(DIVIDED, 5) for _ in range(3)]
    await asyncio.sleep(0)
    assert counted.sent == [2, 1]
    counted.go.set()
    assert await asyncio.gather(*asked) == [b"one"] * 3 + [b"20"] * 3


async def test_what_is_wrong_with_one_is_nobody_elses(counted: Counted) -> None:
    asked = [counted.ask(DIVIDED, number) for number in (1, 2, 4, 0, 5, 0)]
    counted.go.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) if isinstance(one, Exception) else one for one in answers] == [
        b"100", b"50", b"25", asyncpg.DivisionByZeroError, b"20", asyncpg.DivisionByZeroError,
    ]  # fmt: skip


async def test_an_argument_the_driver_refuses_is_nobody_elses(counted: Counted) -> None:
    asked = [counted.ask(DIVIDED, number) for number in (1, 2, 4, "no number", 5)]
    counted.go.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [one for one in answers if isinstance(one, bytes)] == [b"100", b"50", b"25", b"20"]
    assert isinstance(answers[3], asyncpg.DataError)


@pytest.mark.parametrize("gone", [0, 1, 3])
async def test_who_leaves_takes_nothing_from_the_others(counted: Counted, gone: int) -> None:
    """Whether they are under way or still wait."""
    asked = [counted.ask(ECHO, str(number), True) for number in range(5)]
    await asyncio.sleep(0)
    asked[gone].cancel()
    counted.go.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers[gone], asyncio.CancelledError)
    assert [one for one in answers if isinstance(one, bytes)] == [
        str(number).encode() for number in range(len(asked)) if number != gone
    ]
    assert await counted.ask(ECHO, "after", True) == b"after"


async def test_when_all_have_left_nothing_is_kept(counted: Counted) -> None:
    asked = [counted.ask(ECHO, str(number), True) for number in range(5)]
    await asyncio.sleep(0)
    for one in asked:
        one.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    assert counted.together._queues == {}
    assert counted.sent == [2]


async def test_when_a_connection_dies_under_many_each_is_tried_again(connections: ReadConnections) -> None:
    died: list[str] = []

    async def run(sql: str, arguments: Sequence[Any]) -> Sequence[bytes | None]:
        if len(arguments) > 2:
            died.append(sql)
            raise asyncpg.ConnectionDoesNotExistError
        return await connections._row(sql, arguments)

    together = Together(run)
    answers = await asyncio.gather(*(together.value(ECHO, [str(number), True]) for number in range(8)))
    assert answers == [str(number).encode() for number in range(8)]
    assert len(died) == 1


async def test_who_asks_before_the_statement_is_put_together_comes_along() -> None:
    sent: list[int] = []
    go = asyncio.Event()

    async def run(_: str, arguments: Sequence[Any]) -> Sequence[bytes | None]:
        sent.append(len(arguments))
        await go.wait()
        return [b"" for _ in arguments]

    together = Together(run)
    asked = [asyncio.create_task(together.value(ECHO, ["first"])) for _ in range(2)]
    await asyncio.sleep(0)
    go.set()
    # The statement under way has ended by the time this one asks, and the next has not been put together.
    asked.append(asyncio.create_task(together.value(ECHO, ["late"])))
    await asyncio.gather(*asked)
    assert sent == [1, 2]
