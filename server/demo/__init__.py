"""The demo: a made-up company that guards and keeps its clients' buildings, with people who see more or less of it.

The records come in through the importer, like anybody's. What is there already is not loaded again.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.actor import system_actor
from domain import imports, users
from models import Tenant, User
from models.base import new_id
from models.database import across_tenants, writing
from outbox.commit import Publisher
from server.demo.company import ALDGATE, BRIGHTWATER, Company, Size
from server.demo.files import written
from server.demo.guide import show
from server.demo.offers import offer
from server.demo.people import (
    ALDGATE_CLIENTS,
    ALDGATE_STAFF,
    BRIGHTWATER_CLIENTS,
    BRIGHTWATER_STAFF,
    Client,
    Staff,
    contacts_of,
    hire,
    invite,
)
from server.office import Office, opened

__all__ = ["load", "prepared", "show"]


@dataclass(frozen=True)
class House:
    """One tenant of the demo."""

    slug: str
    name: str
    time_zone: str
    currency: str
    size: Size
    staff: Sequence[Staff]
    clients: tuple[Client, ...]


HOUSES = (
    House("aldgate", "Aldgate Facilities & Guarding", "Europe/London", "GBP", ALDGATE, ALDGATE_STAFF, ALDGATE_CLIENTS),
    House(
        *("brightwater", "Brightwater Services", "America/Chicago", "USD"),
        *(BRIGHTWATER, BRIGHTWATER_STAFF, BRIGHTWATER_CLIENTS),
    ),
)


async def prepared(url: str) -> None:
    """The demo in the database at ``url``, loaded unless it is there."""
    async with opened(url) as office:
        await load(office.engine, office.publisher)


async def load(engine: AsyncEngine, publisher: Publisher) -> bool:
    """Load what is missing; whether anything was. A load that broke off is completed: its parts are idempotent."""
    office = Office(engine, publisher)
    return any([await _load(office, house) for house in HOUSES])


async def _load(office: Office, house: House) -> bool:
    tenant_id = await _tenant(office, house)
    if await _is_complete(office, tenant_id, house):
        return False
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="portico-demo-") as folder:
        records = Company(house.slug, house.size, now).make()
        for path in imports.in_order(written(records, Path(folder))):
            await office.import_file(system_actor(tenant_id), path, on=now)
    await _people(office, tenant_id, house, now)
    return True


async def _tenant(office: Office, house: House) -> uuid.UUID:
    async with across_tenants(office.engine, "app.sign_in_email", "-") as connection:
        found = await connection.scalar(select(Tenant.id).where(Tenant.slug == house.slug))
    if found is not None:
        return found
    tenant = Tenant(id=new_id(), slug=house.slug, name=house.name, time_zone=house.time_zone, currency=house.currency)
    async with office.acting(tenant.id) as (session, _):
        session.add(tenant)
    return tenant.id


async def _is_complete(office: Office, tenant_id: uuid.UUID, house: House) -> bool:
    """Whether the people are there: they come last, all in one transaction."""
    async with writing(office.engine, tenant_id) as session:
        query = select(User.id).where(User.tenant_id == tenant_id, User.email == house.staff[0].email)
        return await session.scalar(query) is not None


async def _people(office: Office, tenant_id: uuid.UUID, house: House, now: datetime) -> None:
    async with office.acting(tenant_id) as (session, actor):
        for person in house.staff:
            await hire(session, actor, person)
        for client, contact in (await contacts_of(session, actor, house.clients)).items():
            user = await invite(session, actor, client, contact)
            if client.says.startswith("suspended"):
                await users.suspend(session, actor, user, on=now)
        await offer(session, actor, now)
