"""The transactions there are, and what one of them leaves behind in a connection that others take after it."""

import asyncio
import uuid

import psycopg.waiting
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from models.database import application_engine, snapshot, writing

pytestmark = pytest.mark.database
TENANT = uuid.UUID(int=1)
MANNERS = text("select current_setting('transaction_isolation'), current_setting('transaction_read_only')")


async def read(engine: AsyncEngine) -> tuple[str, ...]:
    async with snapshot(engine, TENANT) as connection:
        return tuple((await connection.execute(MANNERS)).one())


async def write(engine: AsyncEngine) -> tuple[str, ...]:
    async with writing(engine, TENANT) as session:
        return tuple((await session.execute(MANNERS)).one())


async def test_a_snapshot_given_up_at_any_moment_leaves_nothing_behind(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The driver gives way at every step, as it does in a loop that has been busy for long.
    monkeypatch.setattr(psycopg.waiting, "MAX_BUSY_TIME", -1)
    engine = application_engine(database_url, pool_size=1, overflow=0)
    try:
        assert await read(engine) == ("repeatable read", "on")
        for steps in range(80):
            task = asyncio.create_task(read(engine))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await write(engine) == ("read committed", "off"), steps
    finally:
        await engine.dispose()
