"""Tenants, users and grants as the console lists and creates them."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth import passwords, sessions
from auth.actor import Actor
from domain import access, audit, factors, invitations, tenants, users, values
from domain.invitations import Welcome
from domain.refusals import Invalid, InvalidTransition, Refused
from models import Contact, Grant, Organization, Place, SessionKind, Site, Tenant, User, UserStatus
from models.base import new_id
from server.office import Office, place_named, place_of, user_named


class TenantExists(Refused):
    """The short name is taken."""

    code = "TENANT_EXISTS"


class ContactUnknown(Refused):
    """No contact has this address."""

    code = "CONTACT_UNKNOWN"


class NotGranted(Refused):
    """The user does not have this at this place."""

    code = "NOT_GRANTED"
    field = "name"


async def add_tenant(office: Office, slug: str, *, name: str, time_zone: str, currency: str) -> Tenant:
    """A new tenant without anybody in it."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", slug):
        raise Invalid("A short name has 2 to 40 lower-case letters, digits and hyphens.", code="INVALID_SLUG")
    tenant = Tenant(
        id=new_id(),
        slug=slug,
        name=values.text(2, 191)(name),
        time_zone=values.time_zone(time_zone),
        currency=values.currency(currency),
    )
    async with office.acting(tenant.id) as (session, _):
        session.add(tenant)
        try:
            await session.flush()
        except IntegrityError as error:
            raise TenantExists(f"There is a tenant {slug} already.") from error
    return tenant


async def suspend_tenant(office: Office, slug: str) -> None:
    """Shut a tenant; answered when nothing of it can be sent any more."""
    async with _shut_or_open(office, slug) as (session, actor, tenant):
        await tenants.suspend(session, actor, tenant)


async def resume_tenant(office: Office, slug: str) -> None:
    """Open a tenant again."""
    async with _shut_or_open(office, slug) as (session, actor, tenant):
        await tenants.resume(session, actor, tenant)


@asynccontextmanager
async def _shut_or_open(office: Office, slug: str) -> AsyncGenerator[tuple[AsyncSession, Actor, Tenant]]:
    async with office.acting((await office.tenant(slug)).id) as (session, actor):
        yield session, actor, await session.get_one(Tenant, actor.tenant_id, with_for_update=True)


async def create_staff(office: Office, slug: str | None, given: Mapping[str, str], roles: Sequence[str]) -> User:
    """A member of the staff with roles in the whole tenant; ``given`` has name, email and possibly job_title."""
    tenant = await office.tenant(slug)
    fields = {name: given[name] for name in ("name", "email")}
    async with office.acting(tenant.id) as (session, actor):
        user = await users.create_staff(session, actor, job_title=given.get("job_title"), fields=fields)
        for role in roles:
            await access.grant(session, actor, user, name=role, at=Place(tenant.id))
    return user


async def invite(
    office: Office, email: str, slug: str | None, *, role: str | None, at: str | None, now: datetime
) -> datetime:
    """Invite the contact with this address; until when the link works."""
    tenant = await office.tenant(slug)
    async with office.acting(tenant.id) as (session, actor):
        query = select(Contact).where(Contact.email == email.lower(), Contact.archived_at.is_(None))
        contact = (await session.scalars(query.with_for_update().limit(1))).one_or_none()
        if contact is None:
            raise ContactUnknown(f"No contact has the address {email}.")
        organization = await session.get_one(Organization, (tenant.id, contact.organization_id), with_for_update=True)
        place = await place_of(session, actor, at) if at else organization.place
        welcome = Welcome([role], [place]) if role else Welcome()
        made = await invitations.invite(session, actor, organization, contact, welcome, on=now)
    return made.expires_at


async def set_password(office: Office, email: str, slug: str | None, password: str) -> None:
    """Replace the password of a user."""
    made = await passwords.hashed(password)
    async with _about(office, email, slug) as (session, actor, user):
        await users.set_password(session, actor, user, made)
        audit.note(session, audit.Entry("PasswordReplaced", user.place, None, user.id, ("User", user.id)))


async def reset_factors(office: Office, email: str, slug: str | None, now: datetime) -> None:
    """Take all second factors from a user who has lost them; whoever is signed in as them is signed out."""
    async with _about(office, email, slug) as (session, actor, user):
        await factors.reset_factors(session, actor, user, on=now)


async def open_token(office: Office, email: str, slug: str | None, *, label: str, now: datetime, days: int) -> str:
    """A new bearer token of a user who can sign in."""
    async with _about(office, email, slug) as (session, actor, user):
        if user.status is not UserStatus.ACTIVE:
            raise InvalidTransition(f"{email} is {user.status} and cannot sign in.")
        return await sessions.open_session(
            session,
            tenant_id=actor.tenant_id,
            user_id=user.id,
            kind=SessionKind.TOKEN,
            label=label,
            now=now,
            lifetime=timedelta(days=days),
        )


async def grant(office: Office, email: str, slug: str | None, *, name: str, at: str | None) -> None:
    """Give a user something at a place."""
    async with _about(office, email, slug) as (session, actor, user):
        place = await place_named(session, actor, user, at)
        await access.grant(session, actor, user, name=name, at=place)


async def revoke(office: Office, email: str, slug: str | None, *, name: str, at: str | None, now: datetime) -> None:
    """Take from a user what they have at this very place."""
    async with _about(office, email, slug) as (session, actor, user):
        place = await place_named(session, actor, user, at)
        for row in await _grants_at(session, user, name, place):
            await access.revoke(session, actor, user, row, on=now)


async def suspend(office: Office, email: str, slug: str | None, now: datetime) -> None:
    """Sign a user out everywhere."""
    async with _about(office, email, slug) as (session, actor, user):
        await users.suspend(session, actor, user, on=now)


async def reactivate(office: Office, email: str, slug: str | None, now: datetime) -> None:
    """Let a suspended user sign in again."""
    async with _about(office, email, slug) as (session, actor, user):
        await users.reactivate(session, actor, user, on=now)


@asynccontextmanager
async def _about(office: Office, email: str, slug: str | None) -> AsyncGenerator[tuple[AsyncSession, Actor, User]]:
    """A session about one user, committed when the block ends well."""
    async with office.acting(await office.tenant_of(email, slug)) as (session, actor):
        yield session, actor, await user_named(session, actor, email)


async def _grants_at(session: AsyncSession, user: User, name: str, place: Place) -> list[Grant]:
    query = select(Grant).where(
        Grant.tenant_id == user.tenant_id,
        Grant.user_id == user.id,
        Grant.name == name,
        Grant.organization_id.is_not_distinct_from(place.organization),
        Grant.site_id.is_not_distinct_from(place.site),
        Grant.archived_at.is_(None),
    )
    found = list(await session.scalars(query))
    if not found:
        raise NotGranted(f"{user.email} does not have {name} at this very place.")
    return found


async def people(office: Office, slug: str | None) -> list[Sequence[str]]:
    """Every user of a tenant with address, name, kind, state and grants, as text."""
    tenant = await office.tenant(slug)
    query = select(User).where(User.tenant_id == tenant.id, User.archived_at.is_(None)).order_by(User.kind, User.email)
    async with office.acting(tenant.id) as (session, _):
        found = list(await session.scalars(query))
        granted = await _granted(session, tenant.id)
    return [
        (one.email, one.name, one.kind.lower(), one.status.lower(), "; ".join(granted.get(one.id, []))) for one in found
    ]


async def _granted(session: AsyncSession, tenant_id: uuid.UUID) -> dict[uuid.UUID, list[str]]:
    """By user, what they may do and where, in the words of people."""
    query = (
        select(Grant.user_id, Grant.name, Organization.short_name, Site.name)
        .outerjoin(
            Organization, (Organization.tenant_id == Grant.tenant_id) & (Organization.id == Grant.organization_id)
        )
        .outerjoin(Site, (Site.tenant_id == Grant.tenant_id) & (Site.id == Grant.site_id))
        .where(Grant.tenant_id == tenant_id, Grant.archived_at.is_(None))
        .order_by(Grant.id)
    )
    said: dict[uuid.UUID, list[str]] = {}
    for user_id, name, organization, site in await session.execute(query):
        where = " at " + ", ".join(part for part in (organization, site) if part) if organization else ""
        said.setdefault(user_id, []).append(name + where)
    return said
