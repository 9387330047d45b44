"""How the rows are reached: engines, and the three kinds of transaction there are.

Every transaction names its tenant with ``set_config(..., true)``, so the setting ends with it and row-level security
stands behind every statement; without a tenant no row is seen at all.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import URL, NullPool, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

APP_ROLE = "portico_app"
"""The role every serving connection acts as: it owns nothing and cannot bypass row-level security."""
READER_ROLE = "portico_reader"
"""The role of the compiled read path: it reads, and its statements carry every predicate themselves."""

_OPTIONS = f"-c role={APP_ROLE} -c timezone=UTC -c jit=off -c synchronous_commit=on"
# Options of a connection would do the same, but a task that is cancelled while they are set leaves them behind.
_READ_ONLY = text("set transaction isolation level repeatable read, read only")
_TENANT = text("select set_config('app.tenant', :tenant, true)")
_BOUNDED = text("select set_config('app.tenant', :tenant, true), set_config('statement_timeout', '5000', true)")


def driver_url(url: str) -> URL:
    """``url`` for SQLAlchemy's asynchronous psycopg driver, whatever spelling of PostgreSQL it came with."""
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL_INVALID: Portico runs on PostgreSQL only.")
    return parsed.set(drivername="postgresql+psycopg")


def application_engine(url: str, *, pool_size: int = 10, overflow: int = 10) -> AsyncEngine:
    """The engine of a serving process: it acts as ``portico_app`` and speaks UTC."""
    return create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=5,
        connect_args={"options": _OPTIONS, "application_name": "portico"},
    )


def owner_engine(url: str) -> AsyncEngine:
    """The engine of the few tasks only the tables' owner may do; each connection is closed after its use."""
    return create_async_engine(
        driver_url(url),
        poolclass=NullPool,
        connect_args={"options": "-c timezone=UTC", "application_name": "portico owner"},
    )


@asynccontextmanager
async def snapshot(engine: AsyncEngine, tenant_id: uuid.UUID) -> AsyncGenerator[AsyncConnection]:
    """One consistent view of one tenant: everything read inside, rights included, is of the same moment."""
    async with engine.connect() as connection, connection.begin() as transaction:
        await connection.execute(_READ_ONLY)
        await connection.execute(_BOUNDED, {"tenant": str(tenant_id)})
        yield connection
        # Nothing was written, and after a statement that was given up in the middle nothing could be committed.
        await transaction.rollback()


@asynccontextmanager
async def writing(engine: AsyncEngine, tenant_id: uuid.UUID) -> AsyncGenerator[AsyncSession]:
    """A session for one change in one tenant; whoever opened it commits it, leaving it unused rolls it back."""
    async with AsyncSession(engine, expire_on_commit=False, autoflush=True) as session:
        await session.execute(_TENANT, {"tenant": str(tenant_id)})
        yield session


@asynccontextmanager
async def across_tenants(engine: AsyncEngine, setting: str, value: str) -> AsyncGenerator[AsyncConnection]:
    """A read of the few tables that have a policy of their own for it: ``app.relay`` or ``app.sign_in_email``."""
    async with engine.connect() as connection, connection.begin():
        statement = text("select set_config(:setting, :value, true)")
        await connection.execute(statement, {"setting": setting, "value": value})
        yield connection
