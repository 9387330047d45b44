"""The audit trail: what changes anybody's access is noted as it happens, and appended to a chain when it is committed.

Every entry carries a hash of itself and of the entry before it, so nothing can be changed, taken out or put in without
every later hash being wrong. What is cut off at the end is seen by whoever remembers a later head.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from models import AuditEntry, Place

_NOTED = "audit"
BEGINNING = bytes(32)
"""What the first entry names as the hash before it."""
_PAGE = 1_000
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('audit ' || cast(:tenant as text), 0))")
Facts = Mapping[str, Any]
Referred = Literal["User"]
"""The kinds of rows an entry names as a value."""


@dataclass(frozen=True)
class Entry:
    """One change of access, before it has its place in the chain.

    ``actor_id`` is None for the system, ``user_id`` is whose access it is. ``before`` and ``after`` hold texts,
    numbers, booleans and lists of them, and rows as ``reference``s; never a secret.
    """

    action: str
    place: Place
    actor_id: uuid.UUID | None
    user_id: uuid.UUID | None = None
    subject: tuple[str, uuid.UUID] | None = None
    before: Facts | None = None
    after: Facts | None = None


@dataclass(frozen=True)
class Head:
    """The end of a chain: how many entries it has, and the hash of the last."""

    sequence: int
    hash: bytes


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold, and why."""

    sequence: int
    why: str


def reference(kind: Referred, id: uuid.UUID | None) -> dict[str, str] | None:
    """A row as a value of an entry. Readers who may not see the row are not told which it is."""
    return None if id is None else {"type": kind, "id": str(id)}


def note(session: AsyncSession, entry: Entry) -> None:
    """Have ``entry`` appended to the tenant's chain when this session commits."""
    session.info.setdefault(_NOTED, []).append(entry)


async def append(session: AsyncSession) -> None:
    """Append what was noted. The end of the chain is locked until the transaction ends, so this comes last in it."""
    noted: list[Entry] = session.info.pop(_NOTED, [])
    if not noted:
        return
    await session.flush()
    tenant = noted[0].place.tenant
    await session.execute(_LOCK, {"tenant": str(tenant)})
    before = await head(session, tenant)
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    for entry in noted:
        row = _row(entry, before, now)
        session.add(row)
        before = Head(row.sequence, row.hash)
    await session.flush()


async def head(session: AsyncSession | AsyncConnection, tenant: uuid.UUID) -> Head:
    """The present end of a tenant's chain."""
    query = (
        select(AuditEntry.sequence, AuditEntry.hash)
        .where(AuditEntry.tenant_id == tenant)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return Head(0, BEGINNING) if row is None else Head(*row)


async def verify(session: AsyncSession, tenant: uuid.UUID, remembered: Head | None = None) -> Head | Break:
    """Walk a tenant's chain: its head if it holds, else the first entry that does not fit."""
    last = Head(0, BEGINNING)
    async for row in _walk(session, tenant):
        broken = _broken(row, last)
        if broken is not None:
            return Break(last.sequence + 1, broken)
        last = Head(row.sequence, row.hash)
        if remembered is not None and row.sequence == remembered.sequence and row.hash != remembered.hash:
            return Break(row.sequence, "the chain was written anew: this is not the entry that was remembered")
    if remembered is not None and last.sequence < remembered.sequence:
        return Break(last.sequence + 1, f"the chain was cut off: it had {remembered.sequence} entries")
    return last


def _broken(row: AuditEntry, last: Head) -> str | None:
    if row.sequence != last.sequence + 1:
        return f"the entry is missing; the next one is {row.sequence}"
    if row.previous_hash != last.hash:
        return "the entry does not follow the one before it"
    if row.hash != digest(row):
        return "the entry was changed"
    return None


async def _walk(session: AsyncSession, tenant: uuid.UUID) -> AsyncIterator[AuditEntry]:
    beyond = 0
    while True:
        query = select(AuditEntry).where(AuditEntry.tenant_id == tenant, AuditEntry.sequence > beyond)
        rows = list(await session.scalars(query.order_by(AuditEntry.sequence).limit(_PAGE)))
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        beyond = rows[-1].sequence


def _row(entry: Entry, before: Head, now: datetime) -> AuditEntry:
    kind, id = entry.subject or (None, None)
    row = AuditEntry(
        tenant_id=entry.place.tenant,
        sequence=before.sequence + 1,
        previous_hash=before.hash,
        at=now,
        action=entry.action,
        actor_id=entry.actor_id,
        user_id=entry.user_id,
        subject_type=kind,
        subject_id=id,
        organization_id=entry.place.organization,
        site_id=entry.place.site,
        before=None if entry.before is None else dict(entry.before),
        after=None if entry.after is None else dict(entry.after),
    )
    row.hash = digest(row)
    return row


def digest(row: AuditEntry) -> bytes:
    """The hash of an entry: SHA-256 of all its other columns as JSON with sorted keys and without spaces."""
    said = {name: _plain(getattr(row, name)) for name in AuditEntry.__table__.c.keys() if name != "hash"}  # noqa: SIM118
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value
