"""Opaque sessions: random secrets that name their tenant, kept as hashes, ended at once when asked."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.grants import Credential
from models import Session, SessionKind, Tenant, TenantStatus, User, UserStatus

_SECRET_BYTES = 32


def read_token(token: str) -> Credential | None:
    """What a presented token says: which tenant, and which hash to look for; None if it is no token of ours."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 16 + _SECRET_BYTES:
        return None
    return Credential(uuid.UUID(bytes=raw[:16]), hashlib.sha256(raw).digest())


async def open_session(
    session: AsyncSession,
    *,
    tenant_id: uuid.UUID,
    user_id: uuid.UUID,
    kind: SessionKind,
    label: str | None,
    now: datetime,
    lifetime: timedelta,
) -> str:
    """Record a new session and return its token, which is not kept anywhere and cannot be shown again."""
    raw = tenant_id.bytes + secrets.token_bytes(_SECRET_BYTES)
    session.add(
        Session(
            tenant_id=tenant_id,
            user_id=user_id,
            kind=kind,
            secret_hash=hashlib.sha256(raw).digest(),
            label=label,
            expires_at=now + lifetime,
        )
    )
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def end_sessions(session: AsyncSession, tenant_id: uuid.UUID, user_id: uuid.UUID) -> int:
    """End every session of a user; the number of those that were open."""
    ended = await session.execute(
        update(Session)
        .where(Session.tenant_id == tenant_id, Session.user_id == user_id, Session.ended_at.is_(None))
        .values(ended_at=func.clock_timestamp())
        .returning(Session.id)
    )
    return len(ended.all())


async def end_session(session: AsyncSession, tenant_id: uuid.UUID, session_id: uuid.UUID) -> None:
    """End one session."""
    await session.execute(
        update(Session)
        .where(Session.tenant_id == tenant_id, Session.id == session_id, Session.ended_at.is_(None))
        .values(ended_at=func.clock_timestamp())
    )


@dataclass(frozen=True)
class Account:
    """One tenant's account behind an e-mail address."""

    tenant_id: uuid.UUID
    tenant_slug: str
    tenant_name: str
    user_id: uuid.UUID
    password_hash: str | None
    active: bool


async def accounts_of(connection: AsyncConnection, email: str) -> list[Account]:
    """The accounts an e-mail address belongs to; ``connection`` must name it in ``app.sign_in_email``."""
    query = (
        select(User, Tenant.slug, Tenant.status)
        .join(Tenant, Tenant.id == User.tenant_id)
        .with_only_columns(
            User.tenant_id,
            Tenant.slug,
            Tenant.name,
            User.id,
            User.password_hash,
            and_(User.status == UserStatus.ACTIVE, Tenant.status == TenantStatus.ACTIVE),
        )
        .where(User.email == email, User.archived_at.is_(None))
        .order_by(Tenant.slug)
        .limit(8)
    )
    return [Account(*row) for row in (await connection.execute(query)).all()]
