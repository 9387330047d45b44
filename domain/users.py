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
    "language": Field(),
}
OWN_FIELDS = {name: FIELDS[name] for name in ("name", "language")}
"""What can be changed afterwards, by whoever manages access and by the user."""


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
    """A portal user for a contact of the organization, without any right yet and without an invitation."""
    user, _ = await enrol(session, actor, organization, contact)
    return user


async def enrol(
    session: AsyncSession, actor: Actor, organization: Organization, contact: Contact
) -> tuple[User, PortalUser]:
    """Make a contact somebody who could sign in, if they had a password."""
    actor.require(P.INVITE_TO_PORTAL, organization.place)
    if contact.email is None:
        raise ContactWithoutEmail("The contact has no e-mail address.")
    user = User(
        tenant_id=actor.tenant_id,
        kind=UserKind.PORTAL,
        name=contact.name,
        email=contact.email,
        language=contact.language,
        organization_id=organization.id,
    )
    await _add(session, actor, user)
    portal_user = PortalUser(
        tenant_id=user.tenant_id,
        user_id=user.id,
        organization_id=organization.id,
        contact_id=contact.id,
    )
    session.add(portal_user)
    await session.flush()
    return user, portal_user


async def update(session: AsyncSession, actor: Actor, user: User, *, fields: Mapping[str, Any]) -> User:
    """Change a user's name or language. The address they sign in with is not changed here."""
    actor.require(access.right_to_manage(user), user.place)
    access.check_person(user)
    changes = change(user, checked(actor, user.place, OWN_FIELDS, fields))
    if changes:
        await events.record(session, actor, events.UserUpdated(user, changes))
    return user


async def introduce_themselves(session: AsyncSession, user: User, *, fields: Mapping[str, Any]) -> User:
    """Change one's own name, or the language one is written to in: nobody has to be granted that."""
    actor = themselves(user)
    changes = change(user, checked(actor, user.place, OWN_FIELDS, fields))
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
    access.check_person(user)
    user.password_hash = password_hash
    changes = change(user, {"status": UserStatus.ACTIVE} if user.status is UserStatus.INVITED else {})
    await access.changed(session, user, Consequence.CLOSE)
    await sessions.end_sessions(session, user.tenant_id, user.id)
    await events.record(session, actor, events.UserUpdated(user, changes))


def themselves(user: User) -> Actor:
    """The user as the one who does what only they can do for themselves: without any right."""
    return Actor(user.tenant_id, user.id, user.kind, user.name, user.email, 0, ())


async def _switch(session: AsyncSession, actor: Actor, user: User, action: str) -> None:
    actor.require(access.right_to_manage(user), user.place)
    access.check_person(user)
    if actor.user_id == user.id:
        raise access.OwnAccess("Nobody suspends themselves.")
    await states.take(session, actor, user, action)


async def _add(session: AsyncSession, actor: Actor, user: User) -> None:
    session.add(user)
    await events.record(session, actor, events.UserCreated(user))
    session.add(PermissionEpoch(tenant_id=user.tenant_id, id=user.id))
