"""Ways in that are opened and shut beside the serving processes: links, views, programs' tokens, whole tenants."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth import sessions
from auth.actor import system_actor
from domain import partners, secrets, tenants, users, viewing
from models import PartnerSecret, SecretPurpose, Session, Tenant, User
from models.database import writing
from tests.promise.world import World


async def set_password(world: World, user: uuid.UUID) -> None:
    """Replace the user's password, as the command line does."""
    async with writing(world.engine, world.tenant) as session:
        row = await session.get_one(User, (world.tenant, user))
        await users.set_password(session, system_actor(world.tenant), row, uuid.uuid4().hex)
        await world.publisher.commit(session)


async def shut(world: World) -> None:
    """Suspend the tenant, as the command line does."""
    async with _turning(world) as (session, tenant):
        await tenants.suspend(session, system_actor(world.tenant), tenant)


async def reopen(world: World) -> None:
    """Resume the tenant."""
    async with _turning(world) as (session, tenant):
        await tenants.resume(session, system_actor(world.tenant), tenant)


@asynccontextmanager
async def _turning(world: World) -> AsyncIterator[tuple[AsyncSession, Tenant]]:
    async with writing(world.engine, world.tenant) as session:
        yield session, await session.get_one(Tenant, world.tenant, with_for_update=True)
        await world.publisher.commit(session)


async def reset_link(world: World, user: uuid.UUID) -> str:
    """The token of a link by which the user can choose another password, as it would come by mail."""
    now = datetime.now(UTC)
    async with writing(world.engine, world.tenant) as session:
        row = await session.get_one(User, (world.tenant, user))
        minted = await secrets.mint(session, row, SecretPurpose.RESET, on=now, lifetime=timedelta(hours=1))
        token, minted.secret_hash = sessions.new_token(world.tenant)
        await session.commit()
    return token


async def eyes(world: World, own: str, user: uuid.UUID) -> str:
    """A session of the user that is looked through by whoever holds the session ``own``."""
    credential = sessions.read_token(own)
    assert credential is not None
    async with writing(world.engine, world.tenant) as session:
        began = (await session.scalars(select(Session).where(Session.secret_hash == credential.secret_hash))).one()
        seen = await session.get_one(User, (world.tenant, user))
        until = datetime.now(UTC) + timedelta(hours=1)
        token = viewing.open_view(session, began, seen, label="checker", until=until)
        await session.commit()
    return token


async def living_secret(world: World, application: uuid.UUID) -> uuid.UUID:
    """The id of the one secret an application has."""
    async with writing(world.engine, world.tenant) as session:
        return (await session.scalars(_living(application))).one().id


async def program_token(world: World, application: uuid.UUID) -> str:
    """A token as the application gets it for its secret."""
    async with writing(world.engine, world.tenant) as session:
        token = await partners.open_token(session, (await session.scalars(_living(application))).one(), None)
        await session.commit()
    return token


def _living(application: uuid.UUID) -> Select[tuple[PartnerSecret]]:
    return select(PartnerSecret).where(PartnerSecret.application_id == application, PartnerSecret.archived_at.is_(None))
