"""Whoever a session stands for, also while it may not act yet: what the routes of signing in work with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.grants import Credential, Locked
from auth.viewing import holds
from models import Session, SessionKind, SessionNeed, Tenant, TenantStatus, User, UserKind, UserStatus

RECENT = timedelta(minutes=10)
"""For how long somebody who has shown who they are need not do so again."""


@dataclass(frozen=True)
class Presence:
    """A browser's session that has neither ended nor expired, and its user."""

    tenant_id: uuid.UUID
    session_id: uuid.UUID
    user_id: uuid.UUID
    needs: SessionNeed | None
    viewed_by: uuid.UUID | None
    recent: bool
    user_kind: UserKind
    name: str
    email: str

    @property
    def actor(self) -> Actor:
        """The user acting on nothing but themselves: without any right."""
        return Actor(self.tenant_id, self.user_id, self.user_kind, self.name, self.email, 0, (), self.session_id)


async def load_presence(session: AsyncSession, credential: Credential, *, lock: Locked = "read") -> Presence | None:
    """The presence behind a credential.

    ``hold`` is for changes: what happens to the user's sessions and factors comes one after another. The user is
    locked before the session, as wherever both are.
    """
    query = _presences(credential)
    if lock == "hold":
        await session.execute(query.with_only_columns(User.id).with_for_update(of=User, key_share=True))
        query = query.with_for_update(of=Session)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else Presence(*row)


def _presences(credential: Credential) -> Select[*tuple[Any, ...]]:
    # Whoever is invited has to choose a password first; until then only such a session is open to them.
    welcome = or_(User.status == UserStatus.ACTIVE, (User.status == UserStatus.INVITED) & Session.needs.is_not(None))
    recent = Session.authenticated_at > func.clock_timestamp() - RECENT
    return (
        select(Session.tenant_id, Session.id, User.id, Session.needs, Session.viewed_by)
        .add_columns(func.coalesce(recent, False), User.kind, User.name, User.email)
        .join(User, (User.tenant_id == Session.tenant_id) & (User.id == Session.user_id))
        .join(Tenant, Tenant.id == Session.tenant_id)
        .where(
            Session.tenant_id == credential.tenant_id,
            Session.secret_hash == credential.secret_hash,
            # Programs manage no way in: their tokens are nobody here.
            Session.kind == SessionKind.BROWSER,
            Session.ended_at.is_(None),
            Session.expires_at > func.clock_timestamp(),
            Tenant.status == TenantStatus.ACTIVE,
            User.archived_at.is_(None),
            welcome,
            holds(Session.__table__, User.__table__),
        )
    )
