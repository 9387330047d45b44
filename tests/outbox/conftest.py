"""Engines and a tenant on a database of their own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from models import Tenant
from models.database import application_engine, writing


@pytest.fixture
async def engine(fresh_database_url: str) -> AsyncGenerator[AsyncEngine]:
    made = application_engine(fresh_database_url, pool_size=20, overflow=10)
    yield made
    await made.dispose()


@pytest.fixture
async def tenant(engine: AsyncEngine) -> uuid.UUID:
    id = uuid.uuid4()
    async with writing(engine, id) as session:
        session.add(Tenant(id=id, slug=f"t-{id.hex[:8]}", name="Acme"))
        await session.commit()
    return id
