"""Changes of access: every one bumps the epoch of its user and is answered only behind the fence.

Grants bump it by themselves (a trigger sees to that, and waits for writes that rest on the epoch).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import PORTAL_ROLES, Permission, grantable_to_portal, kind_of
from domain import events
from domain.editing import change
from domain.fencing import AccessChange, Consequence, note
from domain.refusals import Invalid, InvalidTransition, Refused
from models import Grant, GrantKind, PermissionEpoch, Place, User, UserKind

P = Permission


class NotGrantable(Refused):
    """Nobody of this kind can be given this, or not at such a place."""

    code = "NOT_GRANTABLE"
    field = "name"


class AlreadyGranted(Refused):
    """The user has this already at this very place."""

    code = "ALREADY_GRANTED"
    field = "name"

    def __init__(self) -> None:
        super().__init__("The user has this at this place already.")


class OwnAccess(Refused):
    """Nobody changes what they may do themselves."""

    code = "OWN_ACCESS"
    field = "id"


class NotAPerson(Refused):
    """A partner's program is changed as the application it is, not as a user."""

    code = "NOT_A_PERSON"
    field = "id"


@dataclass(frozen=True)
class Person:
    """As much of a user as decides what they can be given, and by whom."""

    id: uuid.UUID
    kind: UserKind
    organization_id: uuid.UUID | None


async def changed(
    session: AsyncSession,
    user: User,
    consequence: Consequence = Consequence.REFRESH,
) -> None:
    """Bump the user's epoch (waiting for writes that rest on it) and note the change for the fence."""
    await session.execute(
        update(PermissionEpoch)
        .where(PermissionEpoch.tenant_id == user.tenant_id, PermissionEpoch.id == user.id)
        .values(number=PermissionEpoch.number + 1)
    )
    note(session, AccessChange(user.tenant_id, user.id, consequence))


def right_to_manage(user: User | Person) -> Permission:
    """The permission it takes to change this user's access."""
    return _RIGHTS[user.kind]


_RIGHTS: Mapping[UserKind, Permission] = MappingProxyType(
    {
        UserKind.STAFF: P.MANAGE_STAFF_ACCESS,
        UserKind.PORTAL: P.MANAGE_PORTAL_ACCESS,
        UserKind.PARTNER: P.MANAGE_PARTNERS,
    }
)


def check_person(user: User) -> None:
    """Refuse for a partner's program what only people have: passwords, invitations, suspension."""
    if user.kind is UserKind.PARTNER:
        raise NotAPerson("This is the user a partner's application acts as: change the application.")


async def grant(
    session: AsyncSession, actor: Actor, user: User, *, name: str, at: Place, cause: str = "MANUAL"
) -> Grant:
    """Give ``user`` a role, feature or permission at a place."""
    check_change(actor, user, at)
    return await give(session, actor, user, name=name, at=at, cause=cause)


async def give(
    session: AsyncSession, actor: Actor, user: User, *, name: str, at: Place, cause: str = "MANUAL"
) -> Grant:
    """Give it, whatever right it was that allowed to."""
    kind = check_grantable(user, name, at)
    note(session, AccessChange(user.tenant_id, user.id, Consequence.REFRESH))
    if await _live(session, user, name, at, cause) is not None:
        raise AlreadyGranted
    row = Grant(
        tenant_id=user.tenant_id,
        user_id=user.id,
        kind=kind,
        name=name,
        organization_id=at.organization,
        site_id=at.site,
        cause=cause,
    )
    session.add(row)
    await events.record(session, actor, events.AccessGranted(row))
    return row


async def revoke(session: AsyncSession, actor: Actor, user: User, row: Grant, *, on: datetime) -> Grant:
    """Take a grant away. It is kept as history."""
    check_change(actor, user, row.place)
    if row.archived_at is not None:
        raise InvalidTransition("The grant was revoked already.")
    note(session, AccessChange(user.tenant_id, user.id, Consequence.REFRESH))
    changes = change(row, {"archived_at": on})
    await events.record(session, actor, events.AccessRevoked(row, changes))
    return row


def check_change(actor: Actor, user: User | Person, at: Place) -> None:
    """Refuse whoever may not change what this user holds at a place."""
    actor.require(right_to_manage(user), at)
    if actor.user_id == user.id:
        raise OwnAccess("Nobody changes their own access.")


def check_grantable(user: User | Person, name: str, at: Place) -> GrantKind:
    """What ``name`` is; refused if nobody like this user can be given it, or not at this place."""
    try:
        kind = kind_of(name)
    except ValueError as error:
        raise Invalid("There is no such role, feature, scope or permission.", field="name") from error
    if (kind is GrantKind.SCOPE) != (user.kind is UserKind.PARTNER):
        raise NotGrantable("Scopes are what a partner's application is given, and all it is given.")
    if user.kind is UserKind.PARTNER:
        return kind
    if user.kind is UserKind.STAFF:
        if name in PORTAL_ROLES or kind is GrantKind.FEATURE:
            raise NotGrantable("This is for portal users only.")
        return kind
    if not grantable_to_portal(name):
        raise NotGrantable("This cannot be given to a portal user.")
    if at.organization is None or at.organization != user.organization_id:
        raise NotGrantable("A portal user has rights in their own organization only.", field="placeId")
    return kind


async def _live(session: AsyncSession, user: User, name: str, at: Place, cause: str) -> uuid.UUID | None:
    return await session.scalar(
        select(Grant.id).where(
            Grant.tenant_id == user.tenant_id,
            Grant.user_id == user.id,
            Grant.name == name,
            Grant.organization_id.is_not_distinct_from(at.organization),
            Grant.site_id.is_not_distinct_from(at.site),
            Grant.cause == cause,
            Grant.archived_at.is_(None),
        )
    )
