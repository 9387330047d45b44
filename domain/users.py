"""Users: staff and the clients' people, suspended and reactivated at once wherever they are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth import sessions
from auth.actor import Actor
from auth.permissions import Permission
from domain import access, events, states, values
from domain.editing import Field, change, checked
from domain.fencing import Consequence
from domain.refusals import Refused
from models import (
    Contact,
    Membership,
    Organization,
    PermissionEpoch,
    Place,
    PortalUser,
    User,
    UserKind,
    UserStatus,
)

P = Permission

FIELDS: Mapping[str, Field] = {
    "name": Field(values.text(1, 191)),
    "email": Field(values.email),
}


class ContactWithoutEmail(Refused):
    """A portal user signs in with the contact's e-mail address, so there must be one."""

    code = "PRIMARY_CONTACT_EMAIL_MISSING"
    field = "contactId"


async def create_staff(
    session: AsyncSession, actor: Actor, *, job_title: str | None, fields: Mapping[str, Any]
) -> User:
    """A new member of the staff, without any right yet."""
    place = Place(actor.tenant_id)
    actor.require(P.MANAGE_STAFF_ACCESS, place)
    user = User(tenant_id=actor.tenant_id, kind=UserKind.STAFF, **checked(actor, place, FIELDS, fields))
    await _add(session, actor, user)
    session.add(Membership(tenant_id=user.tenant_id, user_id=user.id, job_title=job_title))
    return user


async def create_portal(session: AsyncSession, actor: Actor, organization: Organization, contact: Contact) -> User:
    """A portal user for a contact of the organization, without any right yet."""
    actor.require(P.INVITE_TO_PORTAL, organization.place)
    if contact.email is None:
        raise ContactWithoutEmail("The contact has no e-mail address.")
    user = User(
        tenant_id=actor.tenant_id,
        kind=UserKind.PORTAL,
        name=contact.name,
        email=contact.email,
        organization_id=organization.id,
    )
    await _add(session, actor, user)
    session.add(
        PortalUser(
            tenant_id=user.tenant_id,
            user_id=user.id,
            organization_id=organization.id,
            contact_id=contact.id,
        )
    )
    return user


async def update(session: AsyncSession, actor: Actor, user: User, *, fields: Mapping[str, Any]) -> User:
    """Change a user's name. The address they sign in with is not changed here."""
    actor.require(access.right_to_manage(user), user.place)
    changes = change(user, checked(actor, user.place, {"name": FIELDS["name"]}, fields))
    if changes:
        await events.record(session, actor, events.UserUpdated(user, changes))
    return user


async def suspend(session: AsyncSession, actor: Actor, user: User, *, on: datetime) -> None:
    """End every session and close every socket of the user."""
    await _switch(session, actor, user, "suspend")
    await access.changed(session, user, Consequence.CLOSE)
    await sessions.end_sessions(session, user.tenant_id, user.id)


async def reactivate(session: AsyncSession, actor: Actor, user: User, *, on: datetime) -> None:
    """Let a suspended user sign in again, with the rights they had."""
    await _switch(session, actor, user, "reactivate")
    await access.changed(session, user)


async def set_password(session: AsyncSession, actor: Actor, user: User, password_hash: str) -> None:
    """Replace the password; whoever was signed in with the old one is signed out."""
    user.password_hash = password_hash
    changes = change(user, {"status": UserStatus.ACTIVE} if user.status is UserStatus.INVITED else {})
    await access.changed(session, user, Consequence.CLOSE)
    await sessions.end_sessions(session, user.tenant_id, user.id)
    await events.record(session, actor, events.UserUpdated(user, changes))


async def _switch(session: AsyncSession, actor: Actor, user: User, action: str) -> None:
    actor.require(access.right_to_manage(user), user.place)
    if actor.user_id == user.id:
        raise access.OwnAccess("Nobody suspends themselves.")
    await states.take(session, actor, user, action)


async def _add(session: AsyncSession, actor: Actor, user: User) -> None:
    session.add(user)
    await events.record(session, actor, events.UserCreated(user))
    session.add(PermissionEpoch(tenant_id=user.tenant_id, id=user.id))
