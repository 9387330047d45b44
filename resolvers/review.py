"""Reviewing access: who has not been here for long, and what nobody can have used."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Sequence

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, func, select

from models import Grant, Session, User
from resolvers.context import Context
from resolvers.expressed import Expressed
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
    """By user, how many sessions they have open."""
    query = select(Session.user_id, func.count().label("sessions"))
    return query.where(Session.tenant_id == tenant_id, Session.user_id.in_(users), *_OPEN).group_by(Session.user_id)


def unused_grants(tenant_id: uuid.UUID, grants: Sequence[uuid.UUID]) -> Select[uuid.UUID]:
    """Those of ``grants`` nobody can have used yet."""
    return select(Grant.id).where(Grant.tenant_id == tenant_id, Grant.id.in_(grants), _unused(Grant.__table__))


_OPEN = (Session.viewed_by.is_(None), Session.ended_at.is_(None), Session.expires_at > func.now())
"""What makes a session one that its user has open. Those by which the staff views as them are not theirs."""


def _sessions_of(user: FromClause) -> ColumnElement[int]:
    theirs = (Session.tenant_id == user.c.tenant_id, Session.user_id == user.c.id)
    return select(func.count()).where(*theirs, *_OPEN).select_from(Session).correlate(user).scalar_subquery()


def _unused(grant: FromClause) -> ColumnElement[bool]:
    """Its user has neither signed in nor had a session open since it was given.

    Sessions are remembered for a month after they ended.
    """
    could = exists().where(
        Session.tenant_id == grant.c.tenant_id,
        Session.user_id == grant.c.user_id,
        Session.viewed_by.is_(None),
        func.coalesce(Session.ended_at, Session.expires_at) > grant.c.created_at,
    )
    signed_in = exists().where(
        User.tenant_id == grant.c.tenant_id,
        User.id == grant.c.user_id,
        User.last_sign_in_at >= grant.c.created_at,
    )
    return and_(~could, ~signed_in)


OPEN_SESSIONS = Expressed(_sessions_of)
UNUSED = Expressed(_unused)
"""The two as SQL."""
