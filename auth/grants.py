"""Reading an actor: the only place where grants become rights."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import LargeBinary, Row, Select, Uuid, bindparam, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.actor import Actor, Granted
from auth.partners import Terms
from auth.viewing import Viewing, holds, viewer_name
from models import Grant, PartnerApplication, PermissionEpoch, Place, Session, Tenant, TenantStatus, User, UserStatus

Locked = Literal["read", "hold", "alone"]
_SESSION = (
    Session.id.label("session_id"),
    func.extract("epoch", Session.expires_at - func.clock_timestamp()).label("expires_in"),
    Session.scopes,
    Session.viewed_by,
    viewer_name(Session.__table__).label("viewer_name"),
)
_EYES_ALLOWED = holds(Session.__table__, User.__table__)


class Presented(enum.Enum):
    """How a secret came: in a header its sender wrote, or in a cookie a browser adds by itself."""

    BEARER = "bearer"
    COOKIE = "cookie"


class Credential(NamedTuple):
    """A presented secret: the tenant it names and the hash it is looked up by."""

    tenant_id: uuid.UUID
    secret_hash: bytes
    presented: Presented = Presented.BEARER

    def stands_for(self, actor: Actor) -> bool:
        """Whether an actor may be presented like this: a program has no cookies, only a bearer token."""
        return self.presented is Presented.BEARER or actor.terms is None


def _grants() -> Any:
    """The live grants of the user at hand, as one JSON array."""
    fields = func.json_build_array(Grant.name, Grant.organization_id, Grant.site_id)
    return (
        select(func.coalesce(func.json_agg(aggregate_order_by(fields, Grant.id)), literal_column("'[]'::json")))
        .where(Grant.tenant_id == User.tenant_id, Grant.user_id == User.id, Grant.archived_at.is_(None))
        .scalar_subquery()
        .correlate(User)
    )


def _actors() -> Select[*tuple[Any, ...]]:
    return (
        select(
            User.tenant_id,
            User.id,
            User.kind,
            User.name,
            User.email,
            PermissionEpoch.number,
            _grants().label("grants"),
            PartnerApplication.id.label("application_id"),
            PartnerApplication.fields,
            PartnerApplication.bucket,
            PartnerApplication.restore_rate,
        )
        .join(Tenant, Tenant.id == User.tenant_id)
        .join(
            PermissionEpoch,
            (PermissionEpoch.tenant_id == User.tenant_id) & (PermissionEpoch.id == User.id),
        )
        .outerjoin(
            PartnerApplication,
            (PartnerApplication.tenant_id == User.tenant_id) & (PartnerApplication.id == User.id),
        )
        .where(
            Tenant.status == TenantStatus.ACTIVE,
            User.status == UserStatus.ACTIVE,
            User.archived_at.is_(None),
        )
    )


async def load_actor(
    connection: AsyncConnection | AsyncSession, credential: Credential, *, lock: Locked = "read"
) -> Actor | None:
    """The actor a credential stands for, or None if it does not (any more).

    ``hold`` is for writes: it keeps the actor's rights from being changed until the transaction ends, so that a right
    taken away cannot be used by a command that began before. ``alone`` does so for one command at a time: for those
    that change the actor's own rights, which could otherwise wait for one another.
    """
    given = {"tenant": credential.tenant_id, "secret": credential.secret_hash}
    # The actor's epoch is locked first: the statement that reads the grants must begin after the lock is held.
    if lock != "read" and (await connection.execute(_HOLD[lock], given)).one_or_none() is None:
        return None
    row = (await connection.execute(_PRESENTED, given)).one_or_none()
    actor = None if row is None else _actor(row)
    return actor if actor is not None and credential.stands_for(actor) else None


# Put together once: that takes longer than to run them.
_PRESENTED = (
    _actors()
    .add_columns(*_SESSION)
    .join(Session, (Session.tenant_id == User.tenant_id) & (Session.user_id == User.id))
    .where(
        Session.tenant_id == bindparam("tenant", type_=Uuid()),
        Session.secret_hash == bindparam("secret", type_=LargeBinary()),
        Session.ended_at.is_(None),
        Session.needs.is_(None),
        _EYES_ALLOWED,
        Session.expires_at > func.clock_timestamp(),
    )
)
_HOLD: Mapping[Locked, Select[Any]] = {
    lock: _PRESENTED.with_only_columns(User.id).with_for_update(read=lock == "hold", of=PermissionEpoch)
    for lock in ("hold", "alone")
}


async def load_actors(
    connection: AsyncConnection, tenant_id: uuid.UUID, sessions: Iterable[uuid.UUID]
) -> Mapping[uuid.UUID, Actor]:
    """The actors behind many open sessions, in one statement; ended, expired and suspended ones are left out."""
    query = (
        _actors()
        .add_columns(*_SESSION)
        .join(Session, (Session.tenant_id == User.tenant_id) & (Session.user_id == User.id))
        .where(
            Session.tenant_id == tenant_id,
            Session.id == func.any(literal(list(sessions), ARRAY(Uuid()))),
            Session.ended_at.is_(None),
            Session.needs.is_(None),
            _EYES_ALLOWED,
            Session.expires_at > func.clock_timestamp(),
        )
    )
    rows = (await connection.execute(query)).all()
    return {row.session_id: _actor(row) for row in rows}


def _actor(row: Row[Any]) -> Actor:
    scopes = None if row.scopes is None else frozenset(row.scopes)
    return Actor(
        tenant_id=row.tenant_id,
        user_id=row.id,
        kind=row.kind,
        name=row.name,
        email=row.email,
        epoch=row.number,
        grants=tuple(
            Granted(name, Place(row.tenant_id, _uuid(organization), _uuid(site)))
            for name, organization, site in row.grants
            if scopes is None or name in scopes
        ),
        session_id=row.session_id,
        expires_in=float(row.expires_in),
        terms=_terms(row),
        scopes=scopes,
        viewed_by=None if row.viewed_by is None else Viewing(row.viewed_by, row.viewer_name),
    )


def _terms(row: Row[Any]) -> Terms | None:
    if row.application_id is None:
        return None
    fields = None if row.fields is None else frozenset(row.fields)
    return Terms(row.application_id, fields, row.bucket, row.restore_rate)


def _uuid(text: str | None) -> uuid.UUID | None:
    return None if text is None else uuid.UUID(text)
