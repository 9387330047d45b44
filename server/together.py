"""Small statements that are wanted at the same time go to PostgreSQL together, as one.

To read a row by its id takes less time than the way there and back. So while a statement is on its way, whoever asks by
the same text waits for it, and all who wait then go as a single statement that holds each of theirs as a subquery, with
its own arguments: its own viewer, rights and ids. Its snapshot is later than every question in it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from server.metrics import TOGETHER

MOST = 6
"""So many do not wait for anybody."""
_PLACE = re.compile(r"\$(\d+)::")

Run = Callable[[str, Sequence[Any]], Awaitable[Sequence[bytes | None]]]
"""Runs a statement and gives the values of its one row; none if there is no row."""


class _Waiting(NamedTuple):
    arguments: Sequence[Any]
    answer: asyncio.Future[bytes | None]


@dataclass
class _Queue:
    """Those who ask by one text at this moment."""

    under_way: int = 1
    waiting: list[_Waiting] = field(default_factory=list[_Waiting])


class Together:
    """Gathers who asks by the same text."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._queues: dict[str, _Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def value(self, sql: str, arguments: Sequence[Any]) -> bytes | None:
        """The one value of the statement, None if it gives no row. If nothing is under way it goes at once, alone."""
        queue = self._queues.get(sql)
        if queue is not None:
            return await self._in_turn(sql, queue, arguments)
        queue = self._queues[sql] = _Queue()
        try:
            return await self._alone(sql, arguments)
        finally:
            self._ended(sql, queue)

    async def _in_turn(self, sql: str, queue: _Queue, arguments: Sequence[Any]) -> bytes | None:
        answer = asyncio.get_running_loop().create_future()
        queue.waiting.append(_Waiting(arguments, answer))
        if len(queue.waiting) % MOST == 0:
            self._go_on(sql, queue)
        return await answer

    async def _alone(self, sql: str, arguments: Sequence[Any]) -> bytes | None:
        row = await self._run(sql, arguments)
        return row[0] if row else None

    def _ended(self, sql: str, queue: _Queue) -> None:
        queue.under_way -= 1
        if queue.waiting:
            self._go_on(sql, queue)
        elif not queue.under_way:
            del self._queues[sql]

    def _go_on(self, sql: str, queue: _Queue) -> None:
        queue.under_way += 1
        task = asyncio.create_task(self._send(sql, queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, sql: str, queue: _Queue) -> None:
        # Whoever has come since this was decided comes along.
        some, queue.waiting = queue.waiting[:MOST], queue.waiting[MOST:]
        wanted = [one for one in some if not one.answer.done()]
        try:
            answers = await self._answers(sql, wanted)
        except BaseException:
            for one in wanted:
                one.answer.cancel()
            raise
        finally:
            self._ended(sql, queue)
        for one, answer in zip(wanted, answers, strict=True):
            if one.answer.done():
                continue
            if isinstance(answer, Exception):
                one.answer.set_exception(answer)
            else:
                one.answer.set_result(answer)

    async def _answers(self, sql: str, some: Sequence[_Waiting]) -> Sequence[bytes | Exception | None]:
        if len(some) > 1:
            TOGETHER.inc(len(some))
            arguments = tuple(chain.from_iterable(one.arguments for one in some))
            try:
                return await self._run(repeated(sql, len(some[0].arguments), len(some)), arguments)
            except Exception:  # noqa: BLE001, S110  (It is about one of them: alone, each gets what is theirs.)
                pass
        elif some:
            return [await self._outcome(sql, some[0].arguments)]
        return await asyncio.gather(*(self._outcome(sql, one.arguments) for one in some))

    async def _outcome(self, sql: str, arguments: Sequence[Any]) -> bytes | Exception | None:
        try:
            return await self._alone(sql, arguments)
        except Exception as error:  # noqa: BLE001  (Told to whoever asked.)
            return error


@lru_cache(2_000)
def repeated(sql: str, arguments: int, times: int) -> str:
    """The statement as often as said, each time with parameters of its own behind those of the time before."""

    def moved(by: int) -> str:
        return _PLACE.sub(lambda found: f"${int(found[1]) + by}::", sql)

    return f"select {', '.join(f'({moved(number * arguments)})' for number in range(times))}"
