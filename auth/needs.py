"""What somebody still has to do before their session can act, given how far they have shown who they are."""

from __future__ import annotations

import enum
import uuid

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.demands import FactorPolicy
from auth.permissions import Permission, names_conferring
from models import Authenticator, Grant, Passkey, SessionNeed, User, UserKind, UserStatus


class Proof(enum.Enum):
    """How somebody has shown who they are.

    A passkey is two factors in one, and an identity provider answers for its own.
    """

    PASSWORD = "password"  # noqa: S105 (a kind of proof, no secret)
    SECOND_FACTOR = "password and second factor"
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single sign-on"


_CHANGES_ACCESS = sorted(
    {*names_conferring(Permission.MANAGE_PORTAL_ACCESS), *names_conferring(Permission.MANAGE_STAFF_ACCESS)}
)


async def need_after(
    session: AsyncSession, tenant_id: uuid.UUID, user_id: uuid.UUID, proof: Proof, policy: FactorPolicy
) -> SessionNeed | None:
    """The next thing a session of the user needs, or None if it can act."""
    row = (await session.execute(_standing(tenant_id, user_id))).one()
    has_factor: bool = row.has_factor
    if proof is Proof.PASSWORD and has_factor:
        return SessionNeed.SECOND_FACTOR
    # Nobody who is merely invited has chosen a password: the one they used was chosen for them.
    if row.status is UserStatus.INVITED:
        return SessionNeed.NEW_PASSWORD
    if proof is not Proof.SINGLE_SIGN_ON and not has_factor and _demanded(policy, row.kind, row.changes_access):
        return SessionNeed.FACTOR_ENROLMENT
    return None


async def factor_is_demanded(
    session: AsyncSession, tenant_id: uuid.UUID, user_id: uuid.UUID, policy: FactorPolicy
) -> bool:
    """Whether the user may not be without a second factor."""
    row = (await session.execute(_standing(tenant_id, user_id))).one()
    return _demanded(policy, row.kind, row.changes_access)


def _demanded(policy: FactorPolicy, kind: UserKind, changes_access: object) -> bool:
    if policy is FactorPolicy.STAFF:
        return kind is UserKind.STAFF and bool(changes_access)
    return policy is FactorPolicy.EVERYONE


def _standing(tenant_id: uuid.UUID, user_id: uuid.UUID) -> Select[UserKind, UserStatus, bool, bool]:
    changes_access = exists().where(
        Grant.tenant_id == tenant_id,
        Grant.user_id == user_id,
        Grant.archived_at.is_(None),
        Grant.name.in_(_CHANGES_ACCESS),
    )
    return select(User.kind, User.status, has_factor(tenant_id, user_id), changes_access.label("changes_access")).where(
        User.tenant_id == tenant_id, User.id == user_id
    )


def has_factor(tenant_id: uuid.UUID, user_id: uuid.UUID) -> ColumnElement[bool]:
    """Whether the user has a second factor that works, as ``has_factor``."""
    codes = exists().where(
        Authenticator.tenant_id == tenant_id,
        Authenticator.user_id == user_id,
        Authenticator.confirmed_at.is_not(None),
    )
    keys = exists().where(Passkey.tenant_id == tenant_id, Passkey.user_id == user_id)
    return (codes | keys).label("has_factor")
