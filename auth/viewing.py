"""Viewing as a portal user: a session of theirs that a member of the staff looks through, for as long as they may."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, func, literal, or_, select

from auth.permissions import Permission, names_conferring
from models import Grant, Session, User, UserKind, UserStatus


@dataclass(frozen=True)
class Viewing:
    """The member of the staff who looks through somebody's eyes."""

    user_id: uuid.UUID
    name: str


def holds(session: FromClause, user: FromClause) -> ColumnElement[bool]:
    """Whether ``session`` of ``user`` may be looked through: nobody does, or whoever does still may.

    They must be an active member of the staff who holds the right at the user's organization, and the session in which
    they began must be open.
    """
    return or_(session.c.viewed_by.is_(None), _may(session, user))


def _may(session: FromClause, user: FromClause) -> ColumnElement[bool]:
    staff, began, grant = (model.__table__.alias(f"viewing_{name}") for model, name in _TABLES)
    permitted = and_(
        user.c.kind == literal(UserKind.PORTAL.value),
        staff.c.tenant_id == session.c.tenant_id,
        staff.c.id == session.c.viewed_by,
        staff.c.status == literal(UserStatus.ACTIVE.value),
        staff.c.archived_at.is_(None),
        began.c.tenant_id == session.c.tenant_id,
        began.c.id == session.c.viewed_from,
        began.c.user_id == staff.c.id,
        began.c.ended_at.is_(None),
        began.c.needs.is_(None),
        began.c.expires_at > func.clock_timestamp(),
        grant.c.tenant_id == session.c.tenant_id,
        grant.c.user_id == staff.c.id,
        grant.c.archived_at.is_(None),
        grant.c.name.in_(names_conferring(Permission.VIEW_AS)),
        grant.c.site_id.is_(None),
        or_(grant.c.organization_id.is_(None), grant.c.organization_id == user.c.organization_id),
    )
    return exists(select(literal(1)).select_from(staff, began, grant).where(permitted).correlate(session, user))


_TABLES: tuple[tuple[Any, str], ...] = ((User, "staff"), (Session, "began"), (Grant, "grant"))


def viewer_name(session: FromClause) -> Any:
    """The name of whoever looks through ``session``; null if nobody does."""
    staff = User.__table__.alias("viewing_name")
    named = select(staff.c.name).where(staff.c.tenant_id == session.c.tenant_id, staff.c.id == session.c.viewed_by)
    return named.scalar_subquery().correlate(session)
