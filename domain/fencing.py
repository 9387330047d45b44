"""What a transaction takes out of sight, noted for the fence: it is answered only when nothing else can be sent."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

_FENCE = "access_changes"


class Consequence(enum.StrEnum):
    """What becomes of the open sockets of those concerned.

    They look again at what they may see, or they are closed. ``VOID``: what is being prepared for them is prepared
    anew, and nothing else; the event that goes with the change tells them what to look at.
    """

    REFRESH = "refresh"
    CLOSE = "close"
    VOID = "void"


@dataclass(frozen=True)
class AccessChange:
    """Somebody's rights have changed in this transaction: of one user, or of a whole tenant (``user_id`` None)."""

    tenant_id: uuid.UUID
    user_id: uuid.UUID | None
    consequence: Consequence


def note(session: AsyncSession, access_change: AccessChange) -> None:
    """Have the fence raised for ``access_change`` when this session commits."""
    session.info.setdefault(_FENCE, []).append(access_change)


def noted(session: AsyncSession) -> list[AccessChange]:
    """The changes of access this session is about to commit."""
    return session.info.get(_FENCE, [])
