"""What the commands of the console work with: the database they run on, a way to commit, and who is meant by a name."""

from __future__ import annotations

import socket
import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from auth.actor import Actor, system_actor
from auth.sessions import accounts_of
from domain import imports
from domain.finding import find
from domain.refusals import Refused
from models import Organization, Place, Site, Tenant, User
from models.database import across_tenants, application_engine, writing
from outbox.commit import Publisher
from outbox.fence import Fence
from outbox.wire import Wire
from resolvers.ids import decode
from server.postgres import EmbeddedPostgres
from server.settings import Settings


class TenantUnclear(Refused):
    """No tenant is named, and there is more than one, or none."""

    code = "TENANT_UNCLEAR"


class UserUnknown(Refused):
    """Nobody signs in with this address."""

    code = "USER_UNKNOWN"


class PlaceUnknown(Refused):
    """The id is not that of a tenant, organization or site of this tenant."""

    code = "PLACE_UNKNOWN"


class PortInUse(Refused):
    """Another program listens there."""

    code = "PORT_IN_USE"


@contextmanager
def database(settings: Settings) -> Generator[Settings]:
    """The settings with a database URL in them: the one given, or that of the embedded PostgreSQL while this lasts."""
    if settings.database_url is not None:
        yield settings
        return
    with EmbeddedPostgres(
        settings.data_dir, settings={"max_connections": str(settings.embedded_max_connections)}
    ) as server:
        yield settings.model_copy(update={"database_url": server.url})


def check_port(settings: Settings) -> None:
    """Raise PortInUse before anything is started that would have to be stopped again."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise PortInUse(f"{where} cannot be used ({error.strerror}). Choose another with --port.") from error


@dataclass(frozen=True)
class Office:
    """A connection to the database and the one way to commit."""

    engine: AsyncEngine
    publisher: Publisher

    @asynccontextmanager
    async def acting(self, tenant_id: uuid.UUID) -> AsyncGenerator[tuple[AsyncSession, Actor]]:
        """A session in a tenant, as the system; committed behind the fence when the block ends well."""
        async with writing(self.engine, tenant_id) as session:
            yield session, system_actor(tenant_id)
            await self.publisher.commit(session)

    async def tenant(self, slug: str | None) -> Tenant:
        """The tenant of this name; without one, the only tenant there is."""
        query = select(Tenant).order_by(Tenant.slug).limit(2)
        found = await self._tenants(query.where(Tenant.slug == slug) if slug else query)
        if len(found) != 1:
            raise TenantUnclear(f"There is no tenant {slug}." if slug else "Name the tenant with --tenant.")
        return found[0]

    async def tenants(self) -> list[Tenant]:
        """All tenants, by name."""
        return await self._tenants(select(Tenant).order_by(Tenant.slug))

    async def _tenants(self, query: Select[Tenant]) -> list[Tenant]:
        """Only whoever signs in looks across tenants; the address is nobody's, so no account is seen on the way."""
        connecting = across_tenants(self.engine, "app.sign_in_email", "-")
        async with connecting as connection, AsyncSession(connection) as session:
            return list(await session.scalars(query))

    async def tenant_of(self, email: str, slug: str | None) -> uuid.UUID:
        """The tenant in which ``email`` signs in; ``slug`` decides if there are several."""
        async with across_tenants(self.engine, "app.sign_in_email", email.lower()) as connection:
            accounts = await accounts_of(connection, email.lower())
        fitting = [one.tenant_id for one in accounts if slug in (None, one.tenant_slug)]
        if not fitting:
            raise UserUnknown(f"Nobody signs in as {email}.")
        if len(fitting) > 1:
            raise TenantUnclear(f"{email} signs in at several tenants: name one with --tenant.")
        return fitting[0]

    async def import_file(
        self, actor: Actor, path: Path, *, on: datetime, progress: imports.Progress = imports.silent
    ) -> imports.Summary:
        """Import one file, all of it or nothing."""
        with await imports.read(path, actor, progress) as staged:
            async with writing(self.engine, actor.tenant_id) as session:
                summary = await imports.write(session, actor, staged, on=on)
                await self.publisher.commit(session)
        return summary


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[Office]:
    """An office at this database; its wire hears when serving processes have acknowledged a change of access."""
    engine = application_engine(url, pool_size=2, overflow=2)
    wire = Wire(url)
    fence = Fence(engine, wire)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select 1"))
        await wire.start()
        yield Office(engine, Publisher(fence))
    finally:
        await wire.stop()
        await engine.dispose()


async def user_named(session: AsyncSession, actor: Actor, email: str) -> User:
    """The user, locked for the change."""
    query = select(User).where(
        User.tenant_id == actor.tenant_id, User.email == email.lower(), User.archived_at.is_(None)
    )
    user = await session.scalar(query.with_for_update())
    if user is None:
        raise UserUnknown(f"Nobody signs in as {email}.")
    return user


async def place_named(session: AsyncSession, actor: Actor, user: User, at: str | None) -> Place:
    """The place an id of the graph means; without one, all that a user can have: the tenant, or their organization."""
    return Place(actor.tenant_id, user.organization_id) if at is None else await place_of(session, actor, at)


async def place_of(session: AsyncSession, actor: Actor, at: str) -> Place:
    """The place an id of the graph means."""
    model, id = decode(at) or (None, actor.tenant_id)
    if model is Tenant and id == actor.tenant_id:
        return Place(id)
    if model is Organization or model is Site:
        return (await find(session, actor, model, id, field="at")).place
    raise PlaceUnknown(f"{at} is not the id of this tenant, or of an organization or site of it.")
