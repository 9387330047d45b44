"""What time alone brings about: contracts that near their end or reach it, and records that have served their purpose.

Every rule can be applied again without changing anything, and by two workers at once.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, delete, exists, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.actor import Actor
from domain import contracts
from models import Contract, ContractStatus, IdempotencyKey, Mail, OneTimeSecret, Session, Tenant

ENDS_SOON = timedelta(days=60)
SESSIONS_KEPT = timedelta(days=30)
KEYS_KEPT = timedelta(hours=24)
MAIL_KEPT = timedelta(days=90)
EVENTS_KEPT = timedelta(days=30)
AT_ONCE = 200
EVENTS_AT_ONCE = 10_000

_LARGEST = 2**63 - 1
_FORGET_EVENTS = text("""
with recent as (
  select seq from event where tenant_id = :tenant and occurred_at >= :cutoff order by seq limit 1
), old as (
  select seq from event
  where tenant_id = :tenant and seq < coalesce((select seq from recent), :largest)
  order by seq limit :most
), gone as (
  delete from event where tenant_id = :tenant and seq in (select seq from old) returning xid
), marked as (
  update event_log
  set pruned_below = greatest(pruned_below, (select (max(xid)::text::bigint + 1)::text::xid8 from gone))
  where exists (select from gone)
)
select count(*) from gone
""")


@dataclass(frozen=True)
class TenantClock:
    """A tenant and the time zone its days begin in."""

    id: uuid.UUID
    time_zone: str


async def tenant_clocks(connection: AsyncConnection) -> list[TenantClock]:
    """All tenants; ``connection`` must be one that may look across them."""
    rows = await connection.execute(select(Tenant.id, Tenant.time_zone).order_by(Tenant.id))
    return [TenantClock(id, zone) for id, zone in rows]


async def move_contracts(session: AsyncSession, actor: Actor, *, on: datetime) -> int:
    """Take some contracts the step their dates ask for, and say how many; none are left when it says 0.

    ``on`` is a moment in the tenant's own time zone: its day decides. What somebody is changing just now is left to
    the next time.
    """
    due = list(await session.scalars(_due(actor.tenant_id, on)))
    for row in due:
        if row.end_on is not None and row.end_on < on.date():
            await contracts.terminate(session, actor, row, on=on)
        else:
            await contracts.expire(session, actor, row, on=on)
    return len(due)


def _due(tenant_id: uuid.UUID, on: datetime) -> Select[Contract]:
    """The contracts past their last day, and those in force whose last day is near."""
    in_force = Contract.status.in_([ContractStatus.ACTIVE, ContractStatus.EXPIRING])
    over = and_(in_force, Contract.end_on < on.date())
    near = and_(Contract.status == ContractStatus.ACTIVE, Contract.end_on <= on.date() + ENDS_SOON)
    query = select(Contract).where(Contract.tenant_id == tenant_id, Contract.archived_at.is_(None), or_(over, near))
    return query.order_by(Contract.id).limit(AT_ONCE).with_for_update(skip_locked=True)


async def forget_sessions(session: AsyncSession, tenant_id: uuid.UUID, *, on: datetime) -> int:
    """Delete the sessions that ended or expired long ago; the number of them."""
    before = on - SESSIONS_KEPT
    over = or_(Session.ended_at < before, Session.expires_at < before)
    gone = await session.execute(delete(Session).where(Session.tenant_id == tenant_id, over).returning(Session.id))
    return len(gone.all())


async def forget_mail(session: AsyncSession, tenant_id: uuid.UUID, *, on: datetime) -> int:
    """Delete the letters of long ago, and the one-time secrets that are good for nothing any more."""
    letters = delete(Mail).where(Mail.tenant_id == tenant_id, Mail.created_at < on - MAIL_KEPT)
    gone = len((await session.execute(letters.returning(Mail.id))).all())
    secrets = delete(OneTimeSecret).where(
        OneTimeSecret.tenant_id == tenant_id,
        OneTimeSecret.expires_at < on - MAIL_KEPT,
        ~exists().where(Mail.tenant_id == OneTimeSecret.tenant_id, Mail.secret_id == OneTimeSecret.id),
    )
    return gone + len((await session.execute(secrets.returning(OneTimeSecret.id))).all())


async def forget_keys(session: AsyncSession, tenant_id: uuid.UUID, *, on: datetime) -> int:
    """Delete the answers kept for commands that nobody repeats any more; the number of them."""
    old = IdempotencyKey.created_at < on - KEYS_KEPT
    query = delete(IdempotencyKey).where(IdempotencyKey.tenant_id == tenant_id, old)
    gone = await session.execute(query.returning(IdempotencyKey.key))
    return len(gone.all())


async def forget_events(connection: AsyncConnection, tenant_id: uuid.UUID, *, on: datetime) -> int:
    """Delete some of a tenant's oldest events, and say how many; none are left when it says 0.

    Offsets that lie before any of them are void from the same commit on: their holders are told to reload. The
    connection must act as the tables' owner, with the tenant named in ``app.tenant``.
    """
    parameters = {"tenant": tenant_id, "cutoff": on - EVENTS_KEPT, "largest": _LARGEST, "most": EVENTS_AT_ONCE}
    count: int = (await connection.execute(_FORGET_EVENTS, parameters)).scalar_one()
    return count
