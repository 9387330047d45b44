"""Opaque sessions: random secrets that name their tenant, kept as hashes, ended at once when asked."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, and_, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import aliased

from auth.grants import Credential
from auth.presence import Presence
from models import Session, SessionKind, SessionNeed, Tenant, TenantStatus, User, UserStatus

_SECRET_BYTES = 32
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_ENDED = {"ended_at": func.clock_timestamp()}
_VIEWER = aliased(User)


def read_token(token: str) -> Credential | None:
    """What a presented token says: which tenant, and which hash to look for; None if it is no token of ours."""
    try:
        padded = token + "=" * (-len(token) % 4)
        raw = binascii.a2b_base64(padded.encode("ascii").translate(_FROM_URL), strict_mode=True)
    except ValueError:
        return None
    if len(raw) != 16 + _SECRET_BYTES:
        return None
    return Credential(_tenant(raw[:16]), hashlib.sha256(raw).digest())


@lru_cache(maxsize=1_024)
def _tenant(raw: bytes) -> uuid.UUID:
    return uuid.UUID(bytes=raw)


async def open_session(  # noqa: PLR0913  (each is a column)
    session: AsyncSession,
    *,
    tenant_id: uuid.UUID,
    user_id: uuid.UUID,
    kind: SessionKind,
    label: str | None,
    now: datetime,
    lifetime: timedelta,
    needs: SessionNeed | None = None,
) -> str:
    """Record a new session and return its token, which is not kept anywhere and cannot be shown again.

    Whoever opens one in a browser has just shown who they are.
    """
    raw = _new_secret(tenant_id)
    session.add(
        Session(
            tenant_id=tenant_id,
            user_id=user_id,
            kind=kind,
            secret_hash=hashlib.sha256(raw).digest(),
            label=label,
            expires_at=now + lifetime,
            needs=needs,
            authenticated_at=func.clock_timestamp() if kind is SessionKind.BROWSER else None,
        )
    )
    return _token(raw)


async def rotate(session: AsyncSession, presence: Presence) -> str:
    """Give a session that has just risen a new secret: whoever knew the old one has not risen with it."""
    return await _renewed(session, presence, {})


async def raise_session(
    session: AsyncSession, presence: Presence, *, needs: SessionNeed | None, lifetime: timedelta
) -> str:
    """Give a session another need, or none, and with it a new secret; it ends ``lifetime`` from now."""
    return await _renewed(session, presence, {"needs": needs, "expires_at": func.clock_timestamp() + lifetime})


async def _renewed(session: AsyncSession, presence: Presence, values: Mapping[str, Any]) -> str:
    token, secret_hash = new_token(presence.tenant_id)
    await session.execute(
        update(Session)
        .where(Session.tenant_id == presence.tenant_id, Session.id == presence.session_id)
        .values(secret_hash=secret_hash, authenticated_at=func.clock_timestamp(), **values)
        .execution_options(synchronize_session=False)
    )
    return token


def new_token(tenant_id: uuid.UUID) -> tuple[str, bytes]:
    """A token that names its tenant, and the hash it is kept as."""
    raw = _new_secret(tenant_id)
    return _token(raw), hashlib.sha256(raw).digest()


def _new_secret(tenant_id: uuid.UUID) -> bytes:
    return tenant_id.bytes + secrets.token_bytes(_SECRET_BYTES)


def _token(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def end_sessions(session: AsyncSession, tenant_id: uuid.UUID, user_id: uuid.UUID) -> int:
    """End every session of a user; the number of those that were open."""
    ended = await session.execute(
        update(Session)
        .where(Session.tenant_id == tenant_id, Session.user_id == user_id, Session.ended_at.is_(None))
        .values(_ENDED)
        .returning(Session.id)
    )
    return len(ended.all())


@dataclass(frozen=True)
class Ended:
    """Whose sessions were ended, and where the person was signed in by single sign-on."""

    users: tuple[uuid.UUID, ...]
    provider_id: uuid.UUID | None


async def end_presented(session: AsyncSession, credential: Credential) -> Ended | None:
    """End the session a credential stands for; None if there was no such session open.

    Whoever signs out while viewing as somebody is signed out, not merely sent back.
    """
    presented = Session.secret_hash == credential.secret_hash
    rows = await _end(session, credential.tenant_id, presented)
    if not rows:
        return None
    began = [row.viewed_from for row in rows if row.viewed_from is not None]
    if began:
        rows += await _end(session, credential.tenant_id, Session.id.in_(began))
    return Ended(tuple(row.user_id for row in rows), next((one.provider_id for one in rows if one.provider_id), None))


async def _end(session: AsyncSession, tenant_id: uuid.UUID, which: ColumnElement[bool]) -> list[Row[Any]]:
    ending = (
        update(Session)
        .where(Session.tenant_id == tenant_id, Session.ended_at.is_(None), which)
        .values(_ENDED)
        .returning(Session.user_id, Session.viewed_from, Session.provider_id)
        .execution_options(synchronize_session=False)
    )
    rows: list[Any] = [*(await session.execute(ending)).all()]
    return rows


async def end_session(session: AsyncSession, tenant_id: uuid.UUID, user_id: uuid.UUID, session_id: uuid.UUID) -> bool:
    """End one session of a user; False if they have no such session open."""
    ended = await session.execute(
        _open(tenant_id, user_id).where(Session.id == session_id).returning(Session.id).values(_ENDED)
    )
    return ended.one_or_none() is not None


async def end_others(session: AsyncSession, presence: Presence) -> int:
    """End every session of the user but this one; the number of those that were open."""
    mine = _open(presence.tenant_id, presence.user_id)
    ended = await session.execute(mine.where(Session.id != presence.session_id).returning(Session.id).values(_ENDED))
    return len(ended.all())


def _open(tenant_id: uuid.UUID, user_id: uuid.UUID) -> Update:
    return (
        update(Session)
        .where(
            Session.tenant_id == tenant_id,
            Session.user_id == user_id,
            Session.ended_at.is_(None),
            Session.expires_at > func.clock_timestamp(),
        )
        .execution_options(synchronize_session=False)
    )


async def open_sessions(session: AsyncSession, presence: Presence) -> list[tuple[Session, str | None]]:
    """The open sessions of the user, those seen last first, each with the name of the staff member who views by it."""
    query = (
        select(Session, _VIEWER.name)
        .outerjoin(_VIEWER, (_VIEWER.tenant_id == Session.tenant_id) & (_VIEWER.id == Session.viewed_by))
        .where(
            Session.tenant_id == presence.tenant_id,
            Session.user_id == presence.user_id,
            Session.ended_at.is_(None),
            Session.expires_at > func.clock_timestamp(),
        )
        .order_by(func.coalesce(Session.last_seen_at, Session.created_at).desc(), Session.id)
    )
    return [(row, name) for row, name in await session.execute(query)]


async def mark_signed_in(
    session: AsyncSession, tenant_id: uuid.UUID, user_id: uuid.UUID, *, now: datetime, password_hash: str | None
) -> bool:
    """Lock the user and note that they signed in; False if they may not, or have another password by now.

    Between judging the password and this, a suspension or a new password may have come.
    """
    welcome = User.status == UserStatus.ACTIVE
    if password_hash is not None:
        welcome &= User.password_hash == password_hash
    tenant = exists().where(Tenant.id == tenant_id, Tenant.status == TenantStatus.ACTIVE)
    marking = (
        update(User)
        .where(User.tenant_id == tenant_id, User.id == user_id, User.archived_at.is_(None), welcome, tenant)
        # Signing in is no edit of the user.
        .values(last_sign_in_at=now, updated_at=User.updated_at)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return await session.scalar(marking) is not None


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
