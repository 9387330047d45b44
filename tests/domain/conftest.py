"""A tenant of the test's own, and files to import into it."""

import csv
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.actor import Actor, system_actor
from domain import imports
from models import EventRecord, Tenant, Versioned
from models.database import application_engine, writing

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
Rows = Sequence[Sequence[object]]

ORGANIZATIONS = (
    ("external_id", "legal_name", "short_name", "status"),
    ("O1", "Northgate Ltd", "Northgate", "ACTIVE"),
    ("O2", "Calder plc", "Calder", ""),
)
SITES = (
    ("external_id", "organization", "name", "time_zone"),
    ("S1", "O1", "Leeds", "Europe/London"),
    ("S2", "O1", "Manila", "Asia/Manila"),
    ("S3", "O2", "Berlin", "Europe/Berlin"),
)
CONTRACTS = (
    ("external_id", "organization", "site", "title", "start_on", "base_rate", "status"),
    ("C1", "O1", "", "Framework", "2026-01-01", "21.5", "ACTIVE"),
    ("C2", "O1", "S1", "Leeds", "2026-01-01", "", "DRAFT"),
)
JOB = ("external_id", "site", "contract", "title", "scheduled_at", "status", "cost", "duration_minutes")


@dataclass
class Desk:
    """Imports files into one tenant and looks at what came of it."""

    engine: AsyncEngine
    folder: Path
    actor: Actor

    @property
    def tenant(self) -> uuid.UUID:
        return self.actor.tenant_id

    def file(self, name: str, rows: Rows, **dialect: Any) -> Path:
        encoding = dialect.pop("encoding", "utf-8")
        path = self.folder / name
        with path.open("w", newline="", encoding=encoding) as file:
            csv.writer(file, **dialect).writerows(rows)
        return path

    async def import_file(self, path: Path, actor: Actor | None = None) -> imports.Summary:
        actor = actor or self.actor
        with await imports.read(path, actor) as staged:
            async with writing(self.engine, self.tenant) as session:
                summary = await imports.write(session, actor, staged, on=NOW)
                await session.commit()
        return summary

    async def take(self, name: str, *rows: Sequence[object], **dialect: Any) -> imports.Summary:
        return await self.import_file(self.file(name, rows, **dialect))

    async def refused(self, name: str, *rows: Sequence[object]) -> list[tuple[int | None, str | None, str]]:
        """Where the problems of a file are, and their codes; checks that nothing at all was written."""
        before = await self.events()
        with pytest.raises(imports.ImportRefused) as refusal:
            await self.take(name, *rows)
        assert await self.events() == before
        return [(one.row, one.column, one.code) for one in refusal.value.problems]

    async def events(self) -> list[tuple[str, int]]:
        query = select(EventRecord.type, EventRecord.version).where(EventRecord.tenant_id == self.tenant)
        async with writing(self.engine, self.tenant) as session:
            return [(one.type, one.version) for one in await session.execute(query.order_by(EventRecord.seq))]

    async def one(self, model: type[Versioned], external_id: str) -> Any:
        async with writing(self.engine, self.tenant) as session:
            return (await session.scalars(_named(model, external_id))).one()

    async def count(self, model: type[Versioned]) -> int:
        async with writing(self.engine, self.tenant) as session:
            return await session.scalar(select(func.count()).select_from(model)) or 0

    def session(self) -> Any:
        return writing(self.engine, self.tenant)


def _named(model: Any, external_id: str) -> Any:
    return select(model).where(model.external_id == external_id)


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncGenerator[Desk]:
    engine = application_engine(database_url, pool_size=4)
    tenant = Tenant(id=uuid.uuid4(), slug=f"t-{uuid.uuid4().hex}", name="Tenant")
    async with writing(engine, tenant.id) as session:
        session.add(tenant)
        await session.commit()
    yield Desk(engine, tmp_path, system_actor(tenant.id))
    await engine.dispose()


@pytest.fixture
async def clients(desk: Desk) -> Desk:
    """A tenant with two organizations, three sites and two contracts."""
    await desk.take("organizations.csv", *ORGANIZATIONS)
    await desk.take("sites.csv", *SITES)
    await desk.take("contracts.csv", *CONTRACTS)
    return desk
