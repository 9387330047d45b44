"""The engagement manager of an organization, and the mail they receive for as long as they are one.

The right is granted with its cause, so it goes when the organization has another manager, and stays where it was
given for another organization or by hand.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import audit, events
from domain.editing import change
from domain.fencing import AccessChange, Consequence, note
from domain.finding import find
from domain.refusals import Refused
from models import Grant, GrantKind, Organization, User, UserKind


class OwnerNotStaff(Refused):
    """An engagement manager is one of the staff."""

    code = "OWNER_NOT_STAFF"
    field = "ownerId"


@dataclass(frozen=True)
class Owner:
    """Who is to be the engagement manager; None: nobody."""

    id: uuid.UUID | None


async def member(session: AsyncSession, actor: Actor, owner_id: uuid.UUID) -> uuid.UUID:
    """The id of whoever is to be the manager, whom the actor must see; OwnerNotStaff if it is a client's person."""
    user = await find(session, actor, User, owner_id, field="ownerId")
    if user.kind is not UserKind.STAFF:
        raise OwnerNotStaff("An engagement manager is a member of the staff.")
    return user.id


async def begin(session: AsyncSession, actor: Actor, organization: Organization) -> None:
    """Give the manager of a new organization, if it has one, what they receive."""
    if organization.owner_id is not None:
        await _give(session, actor, organization, organization.owner_id)
        audit.note(session, _entry(actor, organization, None))


async def hand_over(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    former: uuid.UUID | None,
    *,
    on: datetime,
) -> None:
    """Move what the manager of the organization receives from ``former`` to its present owner."""
    if former == organization.owner_id:
        return
    if former is not None:
        await _take(session, actor, organization, former, on)
    if organization.owner_id is not None:
        await _give(session, actor, organization, organization.owner_id)
    audit.note(session, _entry(actor, organization, former))


def cause_of(organization: Organization) -> str:
    """The cause of grants that an organization's manager has because of it."""
    return f"OWNER:{organization.id.hex}"


async def _give(session: AsyncSession, actor: Actor, organization: Organization, user_id: uuid.UUID) -> None:
    # Nothing is taken from anybody's sight. Were it fenced for the actor, the answer to this very command would be
    # withheld on a socket; the event tells their open pages.
    if user_id != actor.user_id:
        note(session, AccessChange(organization.tenant_id, user_id, Consequence.REFRESH))
    row = Grant(
        tenant_id=organization.tenant_id,
        user_id=user_id,
        kind=GrantKind.PERMISSION,
        name=Permission.RECEIVE_MONTHLY_CTO_EMAIL.value,
        organization_id=organization.id,
        cause=cause_of(organization),
    )
    session.add(row)
    await events.record(session, actor, events.AccessGranted(row))


async def _take(
    session: AsyncSession, actor: Actor, organization: Organization, user_id: uuid.UUID, on: datetime
) -> None:
    note(session, AccessChange(organization.tenant_id, user_id, Consequence.REFRESH))
    query = select(Grant).where(
        Grant.tenant_id == organization.tenant_id,
        Grant.user_id == user_id,
        Grant.cause == cause_of(organization),
        Grant.archived_at.is_(None),
    )
    for row in await session.scalars(query):
        await events.record(session, actor, events.AccessRevoked(row, change(row, {"archived_at": on})))


def _entry(actor: Actor, organization: Organization, former: uuid.UUID | None) -> audit.Entry:
    now = organization.owner_id
    return audit.Entry(
        action="EngagementManagerChanged",
        place=organization.place,
        actor_id=actor.user_id if actor.user_id.int else None,
        user_id=now or former,
        subject=("Organization", organization.id),
        before={"owner": audit.reference("User", former)},
        after={"owner": audit.reference("User", now)},
    )
