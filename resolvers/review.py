"""Reviewing access: who has not been here for long, and what nobody can have used."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Sequence

from sqlalchemy import Select, exists, func, or_, select

from models import Grant, Session, User
from resolvers.context import Context
from resolvers.loaders import Key
from resolvers.record import Record


def count_sessions(context: Context, record: Record) -> Awaitable[int]:
    """How many sessions a user has open."""

    async def load(keys: list[Key]) -> list[int]:
        users = [user for _, user in keys]
        rows = await context.loaders.reader.all(open_sessions(context.actor.tenant_id, users))
        counts = {row.user_id: row.sessions for row in rows}
        return [counts.get(user, 0) for user in users]

    return context.loaders.own("open sessions", load).load((context.actor.user_id, record.key))


def is_unused(context: Context, record: Record) -> Awaitable[bool]:
    """Whether nobody can have used a grant yet."""

    async def load(keys: list[Key]) -> list[bool]:
        grants = [grant for _, grant in keys]
        rows = await context.loaders.reader.all(unused_grants(context.actor.tenant_id, grants))
        unused = {row.id for row in rows}
        return [grant in unused for grant in grants]

    return context.loaders.own("unused grants", load).load((context.actor.user_id, record.key))


def open_sessions(tenant_id: uuid.UUID, users: Sequence[uuid.UUID]) -> Select[uuid.UUID, int]:
    """By user, how many sessions they have open. Those by which the staff views as them are not theirs."""
    query = select(Session.user_id, func.count().label("sessions")).where(
        Session.tenant_id == tenant_id,
        Session.user_id.in_(users),
        Session.viewed_by.is_(None),
        Session.ended_at.is_(None),
        Session.expires_at > func.now(),
    )
    return query.group_by(Session.user_id)


def unused_grants(tenant_id: uuid.UUID, grants: Sequence[uuid.UUID]) -> Select[uuid.UUID]:
    """Those of ``grants`` whose users have neither signed in nor had a session open since they were given.

    Sessions are remembered for a month after they ended.
    """
    could = exists().where(
        Session.tenant_id == Grant.tenant_id,
        Session.user_id == Grant.user_id,
        Session.viewed_by.is_(None),
        func.coalesce(Session.ended_at, Session.expires_at) > Grant.created_at,
    )
    return (
        select(Grant.id)
        .join(User, (User.tenant_id == Grant.tenant_id) & (User.id == Grant.user_id))
        .where(
            Grant.tenant_id == tenant_id,
            Grant.id.in_(grants),
            ~could,
            or_(User.last_sign_in_at.is_(None), User.last_sign_in_at < Grant.created_at),
        )
    )
