"""One-time secrets: bound to a person and a purpose, used once, dead when they expire or are called back.

Their hashes come with the mail that carries them, so until it is sent there is nothing that could be presented.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grants import Credential
from domain.refusals import Refused
from models import Invitation, OneTimeSecret, SecretPurpose, Tenant, TenantStatus, User


class LinkDead(Refused):
    """Unknown, used, called back or expired: whoever holds it is told the same."""

    code = "LINK_DEAD"

    def __init__(self) -> None:
        super().__init__("This link does not work any more. Ask for a new one.")


async def mint(
    session: AsyncSession,
    user: User,
    purpose: SecretPurpose,
    *,
    on: datetime,
    lifetime: timedelta,
    invitation: Invitation | None = None,
    email: str | None = None,
) -> OneTimeSecret:
    """A secret that nobody knows yet. It lives from now on, however long its mail takes."""
    row = OneTimeSecret(
        tenant_id=user.tenant_id,
        user_id=user.id,
        purpose=purpose,
        invitation_id=invitation.id if invitation else None,
        email=email,
        created_at=on,
        expires_at=on + lifetime,
    )
    session.add(row)
    await session.flush()
    return row


async def look(
    session: AsyncSession, credential: Credential, purposes: Collection[SecretPurpose], *, on: datetime
) -> OneTimeSecret:
    """The secret, without using it; LinkDead unless it could be used."""
    query = select(OneTimeSecret).where(
        OneTimeSecret.tenant_id == credential.tenant_id,
        OneTimeSecret.secret_hash == credential.secret_hash,
        OneTimeSecret.purpose.in_(purposes),
        OneTimeSecret.used_at.is_(None),
        OneTimeSecret.voided_at.is_(None),
        OneTimeSecret.expires_at >= on,
        exists().where(Tenant.id == OneTimeSecret.tenant_id, Tenant.status == TenantStatus.ACTIVE),
    )
    found = await session.scalar(query)
    if found is None:
        raise LinkDead
    return found


async def use(session: AsyncSession, secret: OneTimeSecret, *, on: datetime) -> None:
    """Use the secret up. Of any number that try at the same time, one succeeds."""
    used = await session.execute(
        update(OneTimeSecret)
        .where(
            OneTimeSecret.tenant_id == secret.tenant_id,
            OneTimeSecret.id == secret.id,
            OneTimeSecret.used_at.is_(None),
            OneTimeSecret.voided_at.is_(None),
            OneTimeSecret.expires_at >= on,
        )
        .values(used_at=on)
        .returning(OneTimeSecret.id)
        .execution_options(synchronize_session=False)
    )
    if used.first() is None:
        raise LinkDead


async def call_back(
    session: AsyncSession, user: User, *, on: datetime, purposes: Collection[SecretPurpose] = tuple(SecretPurpose)
) -> None:
    """Void what the user was sent and has not used. What was not sent yet is not sent any more."""
    await session.execute(
        update(OneTimeSecret)
        .where(
            OneTimeSecret.tenant_id == user.tenant_id,
            OneTimeSecret.user_id == user.id,
            OneTimeSecret.purpose.in_(purposes),
            OneTimeSecret.used_at.is_(None),
            OneTimeSecret.voided_at.is_(None),
        )
        .values(voided_at=on)
        .execution_options(synchronize_session=False)
    )
