"""Letters: written in the transaction that causes them, and put into the queue by whoever commits it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models import Mail, OneTimeSecret, Tenant, User, new_id

_POSTED = "posted_mail"


async def post(
    session: AsyncSession,
    user: User,
    template: str,
    values: Mapping[str, str],
    *,
    on: datetime,
    secret: OneTimeSecret | None = None,
    address: str | None = None,
) -> Mail:
    """Have ``template`` sent to the user, in their language, once this session is committed by its publisher.

    ``values`` are what the template shows and lie in the table as they are: what is secret in a letter is its
    ``secret``, which is made when the letter is sent. ``address`` is another one than the user's own.
    """
    row = Mail(
        tenant_id=user.tenant_id,
        id=new_id(),
        user_id=user.id,
        secret_id=secret.id if secret else None,
        template=template,
        language=user.language,
        address=address or user.email,
        values={"name": user.name, **values},
        created_at=on,
    )
    session.add(row)
    await session.flush()
    session.info.setdefault(_POSTED, []).append((row.tenant_id, row.id))
    return row


async def letterhead(session: AsyncSession, user: User, secret: OneTimeSecret | None = None) -> dict[str, str]:
    """What every letter about an account says: from whom it is, whose account it is, and until when it holds."""
    tenant = await session.get_one(Tenant, user.tenant_id)
    said = {"company": tenant.name, "time_zone": tenant.time_zone, "email": user.email}
    return said | ({"expires": secret.expires_at.isoformat()} if secret else {})


def posted(session: AsyncSession) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The letters this session is about to commit, by tenant and id."""
    return session.info.get(_POSTED, [])
