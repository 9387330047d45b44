"""One snapshot of one tenant, read by many loaders that take turns on its one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession


class ReaderClosed(Exception):
    """The snapshot was given back; whoever still asks has been cancelled or has failed elsewhere."""


class Reader:
    """Runs statements one after the other and counts them; an operation's cost is this count."""

    def __init__(self, connection: AsyncConnection | AsyncSession) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()
        self._closed = False
        self.statements = 0

    async def all(self, statement: Executable, parameters: dict[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows of ``statement``."""
        async with self._turn:
            if self._closed:
                raise ReaderClosed
            self.statements += 1
            return (await self._connection.execute(statement, parameters or {})).all()

    async def close(self) -> None:
        """Run nothing more, and return when what runs has ended.

        Loaders have tasks of their own, which go on when the operation is cancelled: a connection given back under
        them would be lost to the pool.
        """
        self._closed = True
        async with self._turn:
            pass
