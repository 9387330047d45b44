"""Viewing as a portal user: begun, ended, and ended by itself when whoever views may not any more."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from auth.sessions import new_token
from auth.viewing import holds
from domain import audit
from domain.fencing import AccessChange, Consequence, note, noted
from domain.refusals import Refused
from models import Place, Session, SessionKind, User, UserKind, UserStatus


class ViewAsNested(Refused):
    """Whoever views as somebody goes back before viewing as somebody else."""

    code = "VIEW_AS_NESTED"


class ViewAsImpossible(Refused):
    """Only clients' people who can sign in have something that could be viewed."""

    code = "VIEW_AS_IMPOSSIBLE"
    field = "userId"


@dataclass(frozen=True)
class View:
    """An open session somebody looks through."""

    session_id: uuid.UUID
    user_id: uuid.UUID
    staff_id: uuid.UUID
    began_in: uuid.UUID
    place: Place

    @classmethod
    def of(cls, row: Session, user: User) -> View:
        """The view that a session of ``user`` is."""
        assert row.viewed_by is not None
        assert row.viewed_from is not None
        return cls(row.id, user.id, row.viewed_by, row.viewed_from, user.place)


def check_own_eyes(actor: Actor) -> None:
    """Refuse whoever looks through the eyes of another already."""
    if actor.viewed_by is not None:
        raise ViewAsNested("Go back to your own pages first.")


def begin(session: AsyncSession, actor: Actor, user: User) -> None:
    """Refuse unless ``actor`` may view as ``user``, and have it told in the audit trail."""
    actor.require(Permission.VIEW_AS, user.place)
    if user.kind is not UserKind.PORTAL or user.status is not UserStatus.ACTIVE:
        raise ViewAsImpossible("Only an active user of the portal can be viewed as.")
    audit.note(session, _entry("ViewAsStarted", user.place, actor.user_id, user.id))


def open_view(session: AsyncSession, began: Session, user: User, *, label: str | None, until: datetime) -> str:
    """A session of ``user`` for whoever's own one is ``began``, good no longer than that; its token."""
    token, secret_hash = new_token(began.tenant_id)
    session.add(
        Session(
            tenant_id=began.tenant_id,
            user_id=user.id,
            kind=SessionKind.BROWSER,
            secret_hash=secret_hash,
            label=label,
            expires_at=min(until, began.expires_at),
            viewed_by=began.user_id,
            viewed_from=began.id,
        )
    )
    return token


async def resume(session: AsyncSession, view: View) -> str | None:
    """A new secret for the session in which the view began; None if that is not open any more."""
    token, secret_hash = new_token(view.place.tenant)
    resuming = (
        update(Session)
        .where(
            Session.tenant_id == view.place.tenant,
            Session.id == view.began_in,
            Session.ended_at.is_(None),
            Session.expires_at > func.clock_timestamp(),
        )
        .values(secret_hash=secret_hash)
        .returning(Session.id)
        .execution_options(synchronize_session=False)
    )
    return token if await session.scalar(resuming) is not None else None


async def end(session: AsyncSession, view: View) -> None:
    """End a session somebody looks through; its sockets are closed."""
    await session.execute(
        update(Session)
        .where(Session.tenant_id == view.place.tenant, Session.id == view.session_id)
        .values(ended_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )
    note(session, AccessChange(view.place.tenant, view.user_id, Consequence.REFRESH))
    audit.note(session, _entry("ViewAsEnded", view.place, view.staff_id, view.user_id))


async def follow(session: AsyncSession) -> None:
    """Where rights of the staff change in this transaction, look after the sessions they view by.

    Those that they may not look through any more are ended. All of them are fenced like their own.
    """
    changes = [one for one in noted(session) if one.consequence is not Consequence.VOID]
    concerned = {(one.tenant_id, one.user_id) for one in changes if one.user_id is not None}
    if not concerned:
        return
    for view, still in await _open(session, list(concerned)):
        note(session, AccessChange(view.place.tenant, view.user_id, Consequence.REFRESH))
        if not still:
            await end(session, view)


async def _open(session: AsyncSession, concerned: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> list[tuple[View, bool]]:
    """The open sessions by which these members of the staff view, and whether they still may."""
    query = (
        select(Session, User, holds(Session.__table__, User.__table__))
        .join(User, (User.tenant_id == Session.tenant_id) & (User.id == Session.user_id))
        .where(
            Session.viewed_by.is_not(None),
            Session.ended_at.is_(None),
            tuple_(Session.tenant_id, Session.viewed_by).in_(concerned),
        )
    )
    rows = (await session.execute(query)).all()
    return [(View.of(row, user), still) for row, user, still in rows]


def _entry(action: str, place: Place, staff_id: uuid.UUID, user_id: uuid.UUID) -> audit.Entry:
    return audit.Entry(action, place, actor_id=staff_id, user_id=user_id, subject=("User", user_id))
