"""Invitations: how a client's contact becomes somebody who can sign in, and everything that can come in between.

An invitation is one letter. Another letter replaces it, so at most one of a person can be used; all are kept.
Whoever touches several rows locks them in this order: the invitation, the user, the secret.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.grants import Credential
from auth.permissions import Permission
from domain import access, events, mailing, secrets, users
from domain.editing import change
from domain.invitability import refusal_of, refused
from domain.refusals import InvalidTransition, Refused
from domain.secrets import LinkDead
from models import (
    Contact,
    Invitation,
    InvitationDelivery,
    InvitationStatus,
    OneTimeSecret,
    Organization,
    Place,
    PortalUser,
    SecretPurpose,
    Tenant,
    User,
    UserStatus,
)

P = Permission
VALID_FOR = timedelta(hours=72)

_PURPOSE = {
    InvitationDelivery.LINK: SecretPurpose.INVITATION,
    InvitationDelivery.TEMPORARY_PASSWORD: SecretPurpose.TEMPORARY_PASSWORD,
}
_TEMPLATE = {
    InvitationDelivery.LINK: "invitation",
    InvitationDelivery.TEMPORARY_PASSWORD: "temporary_password",
}


class PlacesNeeded(Refused):
    """Rights were given, and no place to hold them at."""

    code = "REQUIRED"
    field = "placeIds"


class AlreadyArrived(Refused):
    """The person has signed in and chosen a password; there is nothing left to invite them to."""

    code = "ALREADY_A_PORTAL_USER"
    field = "id"


@dataclass(frozen=True)
class Welcome:
    """What an invited person will have: these names, at each of these places, told in this way."""

    names: Sequence[str] = ()
    places: Sequence[Place] = ()
    delivery: InvitationDelivery = InvitationDelivery.LINK


async def invite(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    contact: Contact,
    welcome: Welcome,
    *,
    on: datetime,
) -> Invitation:
    """Make a contact a portal user with these rights, and send them the way in. Nothing of it happens without the rest.

    A contact needs an address of their own. Rights are held at the whole organization or at chosen sites of it.
    """
    actor.require(P.INVITE_TO_PORTAL, organization.place)
    for place in welcome.places:
        actor.require(P.INVITE_TO_PORTAL, place)
    found = await refusal_of(session, contact)
    if found is not None:
        raise refused(found)
    if welcome.names and not welcome.places:
        raise PlacesNeeded("Say where the rights are to hold.")
    user, portal_user = await users.enrol(session, actor, organization, contact)
    for place in welcome.places:
        for name in dict.fromkeys(welcome.names):
            await access.give(session, actor, user, name=name, at=place)
    return await _send(session, actor, organization, user, portal_user, welcome.delivery, on=on)


async def resend(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    former: Invitation,
    *,
    delivery: InvitationDelivery | None,
    on: datetime,
) -> Invitation:
    """Send another letter to somebody who has not arrived; the one before stops working at once."""
    actor.require(P.INVITE_TO_PORTAL, former.place)
    pending = await _pending(session, former)
    user = await _user_of(session, former)
    if user.password_hash is not None:
        raise AlreadyArrived("This person has arrived already.")
    if user.status is UserStatus.SUSPENDED:
        raise InvalidTransition("A suspended user cannot be invited again.")
    portal_user = await session.get_one(PortalUser, (former.tenant_id, former.portal_user_id))
    if pending is not None:
        await _end(session, actor, pending, InvitationStatus.REPLACED, on=on)
    await secrets.call_back(session, user, on=on, purposes=_PURPOSE.values())
    return await _send(session, actor, organization, user, portal_user, delivery or former.delivery, on=on)


async def cancel(session: AsyncSession, actor: Actor, row: Invitation, *, on: datetime) -> None:
    """Call an invitation back: what was sent does not work any more. The person stays on the list, without a way in."""
    actor.require(P.INVITE_TO_PORTAL, row.place)
    if row.status is not InvitationStatus.PENDING:
        raise InvalidTransition(f"An invitation that is {row.status} cannot be cancelled.")
    user = await _user_of(session, row)
    await _end(session, actor, row, InvitationStatus.CANCELLED, on=on)
    await secrets.call_back(session, user, on=on, purposes=_PURPOSE.values())


async def look(session: AsyncSession, credential: Credential, *, on: datetime) -> tuple[Invitation, User]:
    """The invitation a link stands for, and its person; LinkDead unless it can be accepted."""
    secret = await secrets.look(session, credential, (SecretPurpose.INVITATION,), on=on)
    invitation = await session.get_one(Invitation, (secret.tenant_id, secret.invitation_id))
    user = await session.get_one(User, (secret.tenant_id, secret.user_id))
    if user.status is not UserStatus.INVITED or user.archived_at is not None:
        raise LinkDead
    return invitation, user


async def hold(session: AsyncSession, credential: Credential, *, on: datetime) -> User:
    """The person a link stands for, held until the transaction ends: others that come with it wait, and find it dead.

    So of many that come at once, one password is hashed and not all of them.
    """
    secret = await secrets.look(session, credential, (SecretPurpose.INVITATION,), on=on)
    _, user = await _held(session, secret)
    return user


async def accept(
    session: AsyncSession, credential: Credential, *, password_hash: str, name: str | None, on: datetime
) -> User:
    """Use a link up: the person has this password from now on and can sign in."""
    secret = await secrets.look(session, credential, (SecretPurpose.INVITATION,), on=on)
    user = await _arrive(session, secret, on=on)
    if name is not None:
        user.name = users.FIELDS["name"].check(name)
    await users.set_password(session, users.themselves(user), user, password_hash)
    return user


async def redeem_temporary(session: AsyncSession, credential: Credential, *, user_id: uuid.UUID, on: datetime) -> User:
    """Use a temporary password up: it lets its person choose a password of their own, and nothing else."""
    secret = await secrets.look(session, credential, (SecretPurpose.TEMPORARY_PASSWORD,), on=on)
    if secret.user_id != user_id:
        raise LinkDead
    return await _arrive(session, secret, on=on)


async def _arrive(session: AsyncSession, secret: OneTimeSecret, *, on: datetime) -> User:
    invitation, user = await _held(session, secret)
    await secrets.use(session, secret, on=on)
    await _end(session, users.themselves(user), invitation, InvitationStatus.ACCEPTED, on=on)
    return user


async def _held(session: AsyncSession, secret: OneTimeSecret) -> tuple[Invitation, User]:
    """The letter a secret was in, and its person, both locked; LinkDead unless they still wait for each other."""
    query = select(Invitation).where(Invitation.tenant_id == secret.tenant_id, Invitation.id == secret.invitation_id)
    invitation = await session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if invitation is None or invitation.status is not InvitationStatus.PENDING:
        raise LinkDead
    user = await _user_of(session, invitation)
    if user.status is not UserStatus.INVITED or user.archived_at is not None:
        raise LinkDead
    return invitation, user


async def _send(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    user: User,
    portal_user: PortalUser,
    delivery: InvitationDelivery,
    *,
    on: datetime,
) -> Invitation:
    row = Invitation(
        tenant_id=user.tenant_id,
        organization_id=organization.id,
        user_id=user.id,
        portal_user_id=portal_user.id,
        contact_id=portal_user.contact_id,
        invited_by_id=actor.user_id if actor.user_id.int else None,
        delivery=delivery,
        created_at=on,
        expires_at=on + VALID_FOR,
    )
    session.add(row)
    await events.record(session, actor, events.InvitationIssued(row))
    secret = await secrets.mint(session, user, _PURPOSE[delivery], on=on, lifetime=VALID_FOR, invitation=row)
    tenant = await session.get_one(Tenant, user.tenant_id)
    values = {
        "organization": organization.short_name,
        "company": tenant.name,
        "expires": row.expires_at.isoformat(),
        "time_zone": tenant.time_zone,
        "email": user.email,
    }
    await mailing.post(session, user, _TEMPLATE[delivery], values, on=on, secret=secret)
    return row


async def _end(session: AsyncSession, actor: Actor, row: Invitation, status: InvitationStatus, *, on: datetime) -> None:
    changes = change(row, {"status": status, "ended_at": on})
    await events.record(session, actor, _ENDED[status](row, changes))


_ENDED: dict[InvitationStatus, type[events.Event]] = {
    InvitationStatus.ACCEPTED: events.InvitationAccepted,
    InvitationStatus.REPLACED: events.InvitationReplaced,
    InvitationStatus.CANCELLED: events.InvitationCancelled,
}


async def _pending(session: AsyncSession, of: Invitation) -> Invitation | None:
    query = select(Invitation).where(
        Invitation.tenant_id == of.tenant_id,
        Invitation.portal_user_id == of.portal_user_id,
        Invitation.status == InvitationStatus.PENDING,
    )
    return await session.scalar(query.with_for_update())


async def _user_of(session: AsyncSession, invitation: Invitation) -> User:
    query = select(User).where(User.tenant_id == invitation.tenant_id, User.id == invitation.user_id)
    found = await session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return found.one()
