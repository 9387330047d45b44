"""Who somebody is here whom an identity provider has sent, and which roles their groups give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import PORTAL_ROLES, ROLES
from domain import access, audit, events, users
from domain.editing import change
from domain.fencing import AccessChange, Consequence, note
from domain.refusals import Refused
from models import Grant, IdentityProvider, Place, Session, StaffIdentity, User, UserKind, UserStatus

_CAUSE = "GROUP:"
STAFF_ROLES = ROLES.keys() - PORTAL_ROLES
"""What a group can give."""


class NoAccount(Refused):
    """Nobody of the staff is meant, or they may not sign in."""

    code = "SSO_NO_ACCOUNT"


@dataclass(frozen=True)
class Arrival:
    """Somebody whom the provider vouches for. ``email`` is one it has verified, or None."""

    issuer: str
    subject: str
    email: str | None
    name: str | None
    groups: frozenset[str]


async def admit(
    session: AsyncSession, actor: Actor, provider: IdentityProvider, arrival: Arrival, *, on: datetime
) -> User:
    """The member of the staff who has arrived, with the roles of their groups; NoAccount if there is none."""
    user = await _known(session, provider, arrival) or await _met(session, actor, provider, arrival)
    if user.archived_at is not None or user.kind is not UserKind.STAFF or user.status is UserStatus.SUSPENDED:
        raise NoAccount("There is no account for you here.")
    if user.status is UserStatus.INVITED:
        await events.record(session, actor, events.UserUpdated(user, change(user, {"status": UserStatus.ACTIVE})))
    await _follow_groups(session, actor, provider, user, arrival.groups, on)
    return user


async def _known(session: AsyncSession, provider: IdentityProvider, arrival: Arrival) -> User | None:
    query = (
        select(User)
        .join(StaffIdentity, (StaffIdentity.tenant_id == User.tenant_id) & (StaffIdentity.user_id == User.id))
        .where(
            StaffIdentity.tenant_id == provider.tenant_id,
            StaffIdentity.issuer == arrival.issuer,
            StaffIdentity.subject == arrival.subject,
        )
    )
    return await session.scalar(query.with_for_update(of=User))


async def _met(session: AsyncSession, actor: Actor, provider: IdentityProvider, arrival: Arrival) -> User:
    """Somebody the provider sends for the first time: by an address it has verified, or not at all."""
    if arrival.email is None:
        raise NoAccount("There is no account for you here.")
    user = await _of_address(session, provider, arrival.email)
    if user is None and provider.provisions:
        fields = {"name": (arrival.name or arrival.email.partition("@")[0])[:191], "email": arrival.email}
        user = await users.create_staff(session, actor, job_title=None, fields=fields)
        await session.flush()
    if user is None or user.kind is not UserKind.STAFF or await _is_another(session, provider, user):
        raise NoAccount("There is no account for you here.")
    session.add(
        StaffIdentity(
            tenant_id=provider.tenant_id,
            provider_id=provider.id,
            issuer=arrival.issuer,
            subject=arrival.subject,
            user_id=user.id,
        )
    )
    audit.note(
        session,
        audit.Entry("IdentityLinked", user.place, None, user.id, ("User", user.id), after={"provider": provider.slug}),
    )
    return user


async def _of_address(session: AsyncSession, provider: IdentityProvider, email: str) -> User | None:
    query = select(User).where(User.tenant_id == provider.tenant_id, User.email == email, User.archived_at.is_(None))
    return await session.scalar(query.with_for_update())


async def _is_another(session: AsyncSession, provider: IdentityProvider, user: User) -> bool:
    """Whether the provider knows this user as somebody else already: an address may have passed to another person."""
    query = select(StaffIdentity.id).where(
        StaffIdentity.tenant_id == user.tenant_id,
        StaffIdentity.user_id == user.id,
        StaffIdentity.provider_id == provider.id,
    )
    return await session.scalar(query) is not None


async def _follow_groups(
    session: AsyncSession,
    actor: Actor,
    provider: IdentityProvider,
    user: User,
    groups: frozenset[str],
    on: datetime,
) -> None:
    """Make the roles that have a group for their cause those of ``groups``; what was given by hand is left alone."""
    roles: Mapping[str, Sequence[str]] = provider.roles
    wanted = {(role, f"{_CAUSE}{group}") for group in groups for role in roles.get(group, ()) if role in STAFF_ROLES}
    live = {(row.name, row.cause): row for row in await _of_groups(session, user)}
    for one in sorted(live.keys() - wanted):
        await access.revoke(session, actor, user, live[one], on=on)
    for name, cause in sorted(wanted - live.keys()):
        await access.grant(session, actor, user, name=name, at=Place(user.tenant_id), cause=cause)


async def _of_groups(session: AsyncSession, user: User) -> list[Grant]:
    query = select(Grant).where(
        Grant.tenant_id == user.tenant_id,
        Grant.user_id == user.id,
        Grant.archived_at.is_(None),
        Grant.cause.startswith(_CAUSE, autoescape=True),
    )
    return list(await session.scalars(query))


async def forget(session: AsyncSession, actor: Actor, provider: IdentityProvider, *, on: datetime) -> None:
    """Trust the provider no more: its people are signed out, and lose what their groups gave them."""
    query = select(User).join(
        StaffIdentity, (StaffIdentity.tenant_id == User.tenant_id) & (StaffIdentity.user_id == User.id)
    )
    query = query.where(StaffIdentity.tenant_id == provider.tenant_id, StaffIdentity.provider_id == provider.id)
    for user in await session.scalars(query.with_for_update(of=User)):
        await _follow_groups(session, actor, provider, user, frozenset(), on)
    signing_out = (
        update(Session)
        .where(Session.tenant_id == provider.tenant_id, Session.provider_id == provider.id, Session.ended_at.is_(None))
        .values(ended_at=func.clock_timestamp())
        .returning(Session.user_id)
        .execution_options(synchronize_session=False)
    )
    for user_id in await session.scalars(signing_out):
        note(session, AccessChange(provider.tenant_id, user_id, Consequence.REFRESH))
    await session.execute(
        delete(StaffIdentity).where(
            StaffIdentity.tenant_id == provider.tenant_id, StaffIdentity.provider_id == provider.id
        )
    )
    change(provider, {"archived_at": on})
    audit.note(session, audit.Entry("IdentityProviderRemoved", provider.place, None, before=told(provider)))


def told(provider: IdentityProvider) -> dict[str, Any]:
    """What the audit trail says of a provider."""
    names = ("slug", "issuer", "client_id", "signing_algorithm", "domains", "group_claim", "roles", "provisions")
    return {name: getattr(provider, name) for name in names}
