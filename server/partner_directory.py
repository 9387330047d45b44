"""Partners' applications as the console lists and makes them, and the made-up company they are tried out on."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor, system_actor
from auth.partners import read_client_id
from auth.permissions import PARTNER_SCOPES
from domain import access, imports, partners
from domain.refusals import Refused
from models import (
    Grant,
    PartnerApplication,
    PartnerEnvironment,
    PartnerSecret,
    Tenant,
)
from schema.root import build
from server.demo.company import BRIGHTWATER, Company
from server.demo.files import written
from server.directory import TenantExists, add_tenant
from server.office import Office, place_named

SANDBOX = "sandbox"


class ApplicationUnknown(Refused):
    """No application has this client id."""

    code = "APPLICATION_UNKNOWN"


class SecretUnknown(Refused):
    """The application has no living secret with this label."""

    code = "SECRET_UNKNOWN"


@dataclass(frozen=True)
class Made:
    """What a partner is given."""

    client_id: str
    secret: str


@dataclass(frozen=True)
class Wanted:
    """What an application is to have: its name, its scopes at some places, and its allow-list if there is one."""

    name: str
    scopes: Sequence[str]
    at: Sequence[str | None] = (None,)
    fields: Sequence[str] | None = None
    environment: PartnerEnvironment = PartnerEnvironment.LIVE


async def create(office: Office, slug: str | None, wanted: Wanted) -> Made:
    """A new application with scopes, and its first secret."""
    # The names of an allow-list are those of the graph.
    build()
    tenant = await office.tenant(slug)
    fields = {"name": wanted.name, "fields": None if wanted.fields is None else list(wanted.fields)}
    async with office.acting(tenant.id) as (session, actor):
        application, shown = await partners.create(session, actor, fields=fields, environment=wanted.environment)
        user = await partners.user_of(session, application)
        for at in wanted.at:
            place = await place_named(session, actor, user, at)
            for scope in wanted.scopes:
                await access.grant(session, actor, user, name=scope, at=place)
    return Made(application.client_id, shown.secret)


async def rotate(office: Office, client_id: str, *, label: str | None, now: datetime) -> Made:
    """A second secret beside the one in use."""
    async with _about(office, client_id) as (session, actor, application):
        shown = await partners.rotate(session, actor, application, label=label, expires_at=None, on=now)
    return Made(client_id, shown.secret)


async def end_secret(office: Office, client_id: str, *, label: str | None, now: datetime) -> None:
    """End the living secret with this label; without one, that which has none."""
    async with _about(office, client_id) as (session, actor, application):
        query = select(PartnerSecret).where(
            PartnerSecret.tenant_id == application.tenant_id,
            PartnerSecret.application_id == application.id,
            PartnerSecret.archived_at.is_(None),
            PartnerSecret.label.is_not_distinct_from(label),
        )
        secret = await session.scalar(query.order_by(PartnerSecret.created_at).limit(1).with_for_update())
        if secret is None:
            raise SecretUnknown("The application has no living secret with this label.")
        await partners.end_secret(session, actor, secret, on=now)


async def disable(office: Office, client_id: str, *, now: datetime) -> None:
    """End every token of an application."""
    async with _about(office, client_id) as (session, actor, application):
        await partners.disable(session, actor, application, on=now)


async def enable(office: Office, client_id: str, *, now: datetime) -> None:
    """Let an application ask for tokens again."""
    async with _about(office, client_id) as (session, actor, application):
        await partners.enable(session, actor, application, on=now)


async def applications(office: Office, slug: str | None) -> list[Sequence[str]]:
    """Every application of a tenant: client id, name, state, environment, scopes and allow-list, as text."""
    tenant = await office.tenant(slug)
    async with office.acting(tenant.id) as (session, _):
        found = list(await session.scalars(_of(tenant).order_by(PartnerApplication.name, PartnerApplication.id)))
        return [
            (
                *(one.client_id, one.name, one.status.lower(), one.environment.lower()),
                " ".join(await _scopes(session, one)),
                "all" if one.fields is None else " ".join(one.fields),
            )
            for one in found
        ]


async def sandbox(office: Office, name: str, *, now: datetime) -> Made:
    """An application with every scope in the tenant ``sandbox``, which is made with a made-up company's records."""
    try:
        made = await add_tenant(office, SANDBOX, name="Sandbox", time_zone="America/Chicago", currency="USD")
    except TenantExists:
        made = None
    if made is not None:
        with tempfile.TemporaryDirectory(prefix="portico-sandbox-") as folder:
            records = Company(SANDBOX, BRIGHTWATER, now).make()
            for path in imports.in_order(written(records, Path(folder))):
                await office.import_file(system_actor(made.id), path, on=now)
    wanted = Wanted(name, tuple(PARTNER_SCOPES), environment=PartnerEnvironment.SANDBOX)
    return await create(office, SANDBOX, wanted)


@asynccontextmanager
async def _about(office: Office, client_id: str) -> AsyncGenerator[tuple[AsyncSession, Actor, PartnerApplication]]:
    """A session about one application, committed when the block ends well."""
    tenant_id, application_id = read_client_id(client_id)
    async with office.acting(tenant_id) as (session, actor):
        application = await session.get(PartnerApplication, (tenant_id, application_id), with_for_update=True)
        if application is None:
            raise ApplicationUnknown(f"No application has the client id {client_id}.")
        yield session, actor, application


def _of(tenant: Tenant):
    return select(PartnerApplication).where(
        PartnerApplication.tenant_id == tenant.id, PartnerApplication.archived_at.is_(None)
    )


async def _scopes(session: AsyncSession, application: PartnerApplication) -> list[str]:
    query = select(Grant.name).where(
        Grant.tenant_id == application.tenant_id, Grant.user_id == application.id, Grant.archived_at.is_(None)
    )
    return list(await session.scalars(query.distinct().order_by(Grant.name)))
