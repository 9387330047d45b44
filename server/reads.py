"""The connections of the compiled read path, and how standings are read for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.grants import Credential, load_actor
from compiler.shape import Standing, standing_of
from models.database import READER_ROLE, driver_url, snapshot

STATEMENT_TIMEOUT_MS = 5_000
STATEMENTS_KEPT = 500
_DRIVER: Any = asyncpg  # Its types are partly unknown.


class ReadConnections:
    """A pool that answers with the bytes of JSON as PostgreSQL wrote them."""

    def __init__(self, url: str, *, size: int) -> None:
        self._url = driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._size = size
        self._pool: Any = None

    async def start(self) -> None:
        """Open the pool."""
        self._pool = await _DRIVER.create_pool(
            self._url,
            min_size=1,
            max_size=self._size,
            init=_prepare,
            reset=_leave,
            statement_cache_size=STATEMENTS_KEPT,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            max_inactive_connection_lifetime=300.0,
            server_settings={
                "application_name": "portico reads",
                "role": READER_ROLE,
                "timezone": "UTC",
                "jit": "off",
                # A statement is planned once: its shape is in its text, its parameters only say which rows.
                "plan_cache_mode": "force_generic_plan",
                "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            },
        )

    async def stop(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()

    async def value(self, sql: str, arguments: Sequence[Any]) -> bytes | None:
        """Run one statement by itself: it is its own snapshot."""
        assert self._pool is not None
        async with self._pool.acquire(timeout=5) as connection:
            return await connection.fetchval(sql, *arguments)


async def _prepare(connection: Any) -> None:
    """JSON stays as it is: it goes out unread. Times go in as text: the driver takes the last day for infinity."""
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary")
    for name in ("date", "timestamptz"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=_iso, decoder=str, format="text")


def _iso(value: date) -> str:
    return value.isoformat()


async def _leave(connection: Any) -> None:
    """Nothing is ever set on these connections, so nothing has to be reset between two statements."""


class ActorStandings:
    """Standings from the grants as they are now."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self, credential: Credential) -> Standing | None:
        """The standing of whoever the credential stands for."""
        async with snapshot(self._engine, credential.tenant_id) as connection:
            actor = await load_actor(connection, credential)
        return None if actor is None else standing_of(actor)
