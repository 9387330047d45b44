"""Notices: one row for each of those concerned, in the transaction of what they are told of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from domain import events
from domain.editing import change
from models import (
    AccountManager,
    ChangeRequest,
    Job,
    Notification,
    NotificationKind,
    Organization,
    User,
    UserKind,
    UserStatus,
)


async def tell(
    session: AsyncSession,
    actor: Actor,
    kind: NotificationKind,
    users: Iterable[uuid.UUID],
    about: Job | ChangeRequest,
) -> None:
    """One notice for each of ``users`` but the actor, who knows."""
    for user_id in sorted(set(users) - {actor.user_id}):
        notice = Notification(
            tenant_id=about.tenant_id,
            user_id=user_id,
            organization_id=about.organization_id,
            kind=kind,
            job_id=about.id if isinstance(about, Job) else None,
            change_request_id=about.id if isinstance(about, ChangeRequest) else None,
        )
        session.add(notice)
        await events.record(session, actor, events.NotificationCreated(notice))


async def managers_of(session: AsyncSession, tenant_id: uuid.UUID, organization_id: uuid.UUID) -> list[uuid.UUID]:
    """The organization's owner and its account managers, as far as they are at work."""
    assigned = select(AccountManager.user_id).where(
        AccountManager.tenant_id == tenant_id,
        AccountManager.organization_id == organization_id,
        AccountManager.archived_at.is_(None),
    )
    owner = select(Organization.owner_id).where(Organization.tenant_id == tenant_id, Organization.id == organization_id)
    query = select(User.id).where(
        User.tenant_id == tenant_id,
        or_(User.id.in_(assigned), User.id.in_(owner)),
        User.kind == UserKind.STAFF,
        User.status == UserStatus.ACTIVE,
        User.archived_at.is_(None),
    )
    return list(await session.scalars(query))


async def mark_read(session: AsyncSession, actor: Actor, row: Notification, *, on: datetime) -> None:
    """The notice was read; reading it again changes nothing."""
    changes = change(row, {"unread": False, "read_at": on} if row.unread else {})
    if changes:
        await events.record(session, actor, events.NotificationRead(row, changes))


async def mark_read_up_to(session: AsyncSession, actor: Actor, row: Notification, *, on: datetime) -> Notification:
    """The notice and all of the reader's before it were read."""
    older = (Notification.created_at, Notification.id)
    await session.execute(
        update(Notification)
        .where(
            Notification.tenant_id == row.tenant_id,
            Notification.user_id == row.user_id,
            Notification.unread,
            or_(older[0] < row.created_at, (older[0] == row.created_at) & (older[1] < row.id)),
        )
        .values(unread=False, read_at=on, version=Notification.version + 1)
        .execution_options(synchronize_session=False)
    )
    changes = change(row, {"unread": False, "read_at": row.read_at or on})
    await events.record(session, actor, events.NotificationRead(row, changes))
    return row
