"""The wire between processes: PostgreSQL's LISTEN and NOTIFY on two connections of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection, sql

from models.database import APP_ROLE, driver_url

log = structlog.get_logger()

Handler = Callable[[str], Awaitable[None]]
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
_KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
}


async def open_connection(url: str, name: str) -> AsyncConnection:
    """A connection of its own outside the pool, acting as the application role, in autocommit."""
    target = driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return await psycopg.AsyncConnection.connect(
        target,
        autocommit=True,
        application_name=f"portico {name}",
        connect_timeout=5,
        options=f"-c role={APP_ROLE} -c timezone=UTC",
        **_KEEPALIVE,
    )


class Wire:
    """Hears notifications and sends them. While it is not ``up``, messages may be lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._handlers: dict[str, Handler] = {}
        self._on_up: list[Callable[[], Awaitable[None]]] = []
        self._on_down: list[Callable[[], None]] = []
        self._voice: AsyncConnection | None = None
        self._speaking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._hung_up = False
        self.up = asyncio.Event()

    def on(self, channel: str, handler: Handler) -> None:
        """Call ``handler`` with the payload of every notification on ``channel``, one after the other."""
        self._handlers[channel] = handler

    def on_up(self, call: Callable[[], Awaitable[None]]) -> None:
        """Call this whenever the wire hears again, before the first notification is handled."""
        self._on_up.append(call)

    def on_down(self, call: Callable[[], None]) -> None:
        """Call this at once when the wire has become deaf."""
        self._on_down.append(call)

    async def start(self) -> None:
        """Begin to listen and return once the wire is up."""
        self._task = asyncio.create_task(self._run(), name="wire")
        waiting = asyncio.create_task(self.up.wait())
        await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            waiting.cancel()
            self._task.result()

    async def stop(self) -> None:
        """Hang up, for good: whoever still speaks finds the wire dead, and opens no connection nobody would close."""
        self._hung_up = True
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._voice is not None:
            await self._voice.close()

    async def say(self, channel: str, payload: str) -> None:
        """Send a notification now."""
        await self.execute("select pg_notify(%s, %s)", (channel, payload))

    async def execute(self, statement: str, parameters: tuple[object, ...]) -> int:
        """Run a short statement of the fence's own, outside any pool; the number of rows it touched."""
        async with self._speaking:
            voice = await self._open_voice()
            cursor = await voice.execute(statement.encode(), parameters)
            return cursor.rowcount

    async def _open_voice(self) -> AsyncConnection:
        if not self._hung_up and (self._voice is None or self._voice.closed):
            self._voice = await open_connection(self._url, "voice")
        if self._hung_up:
            if self._voice is not None:
                await self._voice.close()
            raise ConnectionAbortedError("The wire was hung up.")
        assert self._voice is not None
        return self._voice

    async def _run(self) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                log.warning("wire_down", error=type(error).__name__)
            finally:
                pause = _SHORTEST_PAUSE if self.up.is_set() else min(pause * 2, _LONGEST_PAUSE)
                self.up.clear()
                for call in self._on_down:
                    call()
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        async with await open_connection(self._url, "ear") as ear:
            for channel in self._handlers:
                await ear.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
            for call in self._on_up:
                await call()
            self.up.set()
            async for notification in ear.notifies():
                await self._handlers[notification.channel](notification.payload)
