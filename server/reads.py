"""The connections of the compiled read path, and how standings are read for it."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.grants import Credential, load_actor
from compiler.shape import Ids, Standing, packed, standing_of
from models.database import READER_ROLE, driver_url, snapshot
from server.together import Together

STATEMENT_TIMEOUT_MS = 5_000
STATEMENTS_KEPT = 500
WAITS_FOR = 5.0
_DRIVER: Any = asyncpg  # Its types are partly unknown.
_UUIDS = 2951


_AS_READER: Mapping[str, Any] = {
    "statement_cache_size": STATEMENTS_KEPT,
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 0,
    "timeout": 5,
    "server_settings": {
        "application_name": "portico reads",
        "role": READER_ROLE,
        "timezone": "UTC",
        "jit": "off",
        # A statement is planned once: its shape is in its text, its parameters only say which rows.
        "plan_cache_mode": "force_generic_plan",
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
    },
}


class Busy(ConnectionError):
    """No connection came free in time."""


class ReadConnections:
    """Connections that answer with the bytes of JSON as PostgreSQL put them together.

    Nothing is ever set on them, so between two statements nothing has to be reset, and one is taken by taking it from
    a list. The driver's own pool costs as much as sending the statement does.
    """

    def __init__(self, url: str, *, size: int) -> None:
        self._url = driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._size = size
        self.free: list[Any] = []
        self._open = 0
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._together = Together(self._row)

    async def start(self) -> None:
        """Open the first connection: a database that cannot be reached is found out now."""
        self._give(await self._take())

    async def stop(self) -> None:
        """Close the connections that are not in use."""
        self._size = 0
        while self.free:
            await _close(self.free.pop())
        await asyncio.gather(*self._closing)

    async def value(self, sql: str, arguments: Sequence[Any], *, small: bool = False) -> bytes | None:
        """The value of one statement in a snapshot of its own; None if there is no row.

        A ``small`` one goes together with others like it, if there are such at this moment.
        """
        if small:
            return await self._together.value(sql, arguments)
        row = await self._row(sql, arguments)
        return row[0] if row else None

    async def _row(self, sql: str, arguments: Sequence[Any]) -> Sequence[bytes | None]:
        connection = await self._take()
        try:
            row: Sequence[bytes | None] = await connection.fetchrow(sql, *arguments) or ()
        except asyncpg.PostgresError:
            # The server has answered, so the connection is as good as before, unless the answer was its end.
            self._give(connection)
            raise
        except BaseException:
            # Given up in the middle: whatever this connection would answer next belongs to nobody.
            self._drop(connection)
            raise
        self._give(connection)
        return row

    async def _take(self) -> Any:
        while True:
            while self.free:
                connection = self.free.pop()
                if not connection.is_closed():
                    return connection
                self._open -= 1
            if self._open < self._size:
                return await self._opened()
            connection = await self._handed()
            if connection is not None:
                return connection

    async def _opened(self) -> Any:
        self._open += 1
        try:
            return await _connected(self._url)
        except BaseException:
            self._open -= 1
            self._hand(None)
            raise

    async def _handed(self) -> Any:
        """Wait in turn for a connection; None if one may be opened instead. Busy if that takes too long."""
        loop = asyncio.get_running_loop()
        place: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((place, loop.time() + WAITS_FOR))
        if self._timer is None:
            self._timer = loop.call_later(WAITS_FOR, self._expire)
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._pass_on(place.result())
            raise

    def _pass_on(self, connection: Any) -> None:
        """What has come for somebody who was cancelled meanwhile is for the next."""
        if connection is None:
            self._hand(None)
        else:
            self._give(connection)

    def _expire(self) -> None:
        """One timer looks after all who wait: one for each costs more than reading a row."""
        loop = asyncio.get_running_loop()
        while self._waiting and (self._waiting[0][0].done() or self._waiting[0][1] <= loop.time()):
            place, _ = self._waiting.popleft()
            if not place.done():
                place.set_exception(Busy())
        self._timer = loop.call_at(self._waiting[0][1], self._expire) if self._waiting else None

    def _give(self, connection: Any) -> None:
        if connection.is_closed() or not self._size:
            self._drop(connection)
        elif not self._hand(connection):
            self.free.append(connection)

    def _drop(self, connection: Any) -> None:
        self._open -= 1
        closing = asyncio.create_task(_close(connection))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self._hand(None)

    def _hand(self, connection: Any) -> bool:
        """Give whoever waits longest a connection, or leave to open one; False if nobody waits."""
        while self._waiting:
            place, _ = self._waiting.popleft()
            if not place.done():
                place.set_result(connection)
                return True
        return False


async def _close(connection: Any) -> None:
    """Say goodbye, or hang up on one that does not listen."""
    try:
        await connection.close(timeout=1)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


async def _connected(url: str) -> Any:
    """A new connection. Times go in as text: the driver takes the last day for infinity."""
    connection = await _DRIVER.connect(url, **_AS_READER)
    for name in ("date", "timestamptz"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=_iso, decoder=str, format="text")
    _take_packed_ids(connection)
    return connection


def _take_packed_ids(connection: Any) -> None:
    """Have lists of ids sent as they were packed, where the driver would encode each id of each call again.

    Its ``set_type_codec`` says the same of everything but arrays, which it refuses.
    """
    settings = connection._protocol.get_settings()  # noqa: SLF001  (Found out by ``tests/server/test_reads.py``.)
    settings.add_python_codec(_UUIDS, "_uuid", "pg_catalog", (), "scalar", _ids, bytes, "binary")


def _ids(value: Sequence[uuid.UUID | None]) -> bytes:
    return value.packed if isinstance(value, Ids) else packed(value)


def _iso(value: date) -> str:
    return value.isoformat()


class ActorStandings:
    """Standings from the grants as they are now."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self, credential: Credential) -> Standing | None:
        """The standing of whoever the credential stands for."""
        async with snapshot(self._engine, credential.tenant_id) as connection:
            actor = await load_actor(connection, credential)
        return None if actor is None else standing_of(actor)
