"""Reading the event log without losing anything, whatever commits while it is read.

A sequence number is handed out before the commit, so "everything beyond the last number" skips what commits late. The
reader's position is therefore a *snapshot*: next come the events that are visible now and were not visible then. A long
transaction delays only its own events, and the position means the same in every process, so a client can resume with it
anywhere.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.database import across_tenants

PAGE = 2_000
_SNAPSHOT = re.compile(r"[0-9]{1,19}:[0-9]{1,19}:([0-9]{1,19}(,[0-9]{1,19})*)?")
_NOW = text("select pg_current_snapshot()::text, (select incarnation from event_log)")
_BETWEEN = text("""
select e.tenant_id, e.seq, e.xid::text::bigint as xid, e.type, e.node_type, e.node_id, e.version,
       e.organization_id, e.site_id, e.hides, e.left_organization_id, e.left_site_id,
       case when e.hides then e.data -> 'kind' ->> 0 end as left_kind, e.also
from event e
where e.xid >= pg_snapshot_xmin(cast(:since as pg_snapshot))
  and e.xid < pg_snapshot_xmax(cast(:until as pg_snapshot))
  and not pg_visible_in_snapshot(e.xid, cast(:since as pg_snapshot))
  and pg_visible_in_snapshot(e.xid, cast(:until as pg_snapshot))
  and e.seq > :beyond
order by e.seq limit :page
""")
_OF_TENANT = text(_BETWEEN.text.replace("and e.seq", "and e.tenant_id = :tenant and e.seq"))
_USABLE = text("""
select pg_snapshot_xmin(cast(:since as pg_snapshot)) >= pruned_below
   and pg_snapshot_xmax(cast(:since as pg_snapshot)) <= pg_snapshot_xmax(pg_current_snapshot())
from event_log
""")


@dataclass(frozen=True)
class Position:
    """A point in the log: all events visible in ``snapshot`` lie before it."""

    incarnation: uuid.UUID
    snapshot: str

    @cached_property
    def _bounds(self) -> tuple[int, int, frozenset[int]]:
        low, high, running = self.snapshot.split(":")
        return int(low), int(high), frozenset(int(one) for one in running.split(",") if one)

    def covers(self, event: LoggedEvent) -> bool:
        """Whether the event lies before this position: PostgreSQL's own rule, for one we already hold."""
        low, high, running = self._bounds
        return event.xid < low or (event.xid < high and event.xid not in running)

    def token(self) -> str:
        """The position as clients keep it."""
        raw = self.incarnation.bytes + self.snapshot.encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    @classmethod
    def of_token(cls, token: str) -> Position | None:
        """The position a client kept, or None if it is none of ours."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            snapshot = raw[16:].decode("ascii")
        except (binascii.Error, ValueError):
            return None
        if len(raw) < 16 or not _SNAPSHOT.fullmatch(snapshot):
            return None
        return cls(uuid.UUID(bytes=raw[:16]), snapshot) if _ordered(snapshot) else None


def _ordered(snapshot: str) -> bool:
    """PostgreSQL refuses a snapshot whose numbers are not in order."""
    low, high, running = snapshot.split(":")
    numbers = [int(one) for one in running.split(",")] if running else []
    within = all(int(low) <= one < int(high) for one in numbers)
    return 0 < int(low) <= int(high) and within and numbers == sorted(set(numbers))


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One fact of the log. What it ``left`` is where, and as which kind, the node was before."""

    tenant_id: uuid.UUID
    seq: int
    xid: int
    type: str
    node_type: str
    node_id: uuid.UUID
    version: int
    organization_id: uuid.UUID | None
    site_id: uuid.UUID | None
    hides: bool
    left_organization_id: uuid.UUID | None
    left_site_id: uuid.UUID | None
    left_kind: str | None
    also: tuple[uuid.UUID, ...]

    def places(self) -> list[uuid.UUID]:
        """The ids of every tenant, organization and site the event happened at, came from or concerns."""
        ids = (
            self.tenant_id,
            self.organization_id,
            self.site_id,
            self.left_organization_id,
            self.left_site_id,
            *self.also,
        )
        return [one for one in dict.fromkeys(ids) if one is not None]


@dataclass(frozen=True)
class Batch:
    """Some events, in an order that respects each node's versions, and the positions around them."""

    events: Sequence[LoggedEvent]
    before: Position
    after: Position


class LogReader:
    """Reads the log of all tenants, on and on."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.position: Position | None = None

    async def start(self) -> Position:
        """Begin at the present."""
        self.position = await present(self._engine)
        return self.position

    async def read(self) -> AsyncIterator[Batch]:
        """All events since the last read; the position moves when the last of them has been taken."""
        since = self.position or await self.start()
        async with across_tenants(self._engine, "app.relay", "on") as connection:
            until = await _now(connection)
            beyond = 0
            while True:
                rows = await _between(connection, _BETWEEN, since, until, beyond)
                last = len(rows) < PAGE
                after = until if last else since
                if rows:
                    yield Batch([_event(row) for row in rows], since, after)
                    beyond = rows[-1].seq
                if last:
                    break
        self.position = until


async def present(engine: AsyncEngine) -> Position:
    """The present end of the log."""
    async with across_tenants(engine, "app.relay", "on") as connection:
        return await _now(connection)


async def missed(
    engine: AsyncEngine, tenant: uuid.UUID, since: Position, until: Position, most: int
) -> list[LoggedEvent] | None:
    """A tenant's events between two positions; None if that cannot be said, or if they are more than ``most``."""
    if since.incarnation != until.incarnation:
        return None
    async with across_tenants(engine, "app.relay", "on") as connection:
        parameters = _parameters(since, until, 0, most + 1) | {"tenant": tenant}
        rows = (await connection.execute(_OF_TENANT, parameters)).all()
        # Asked after they were read: if nothing they needed is gone now, nothing was gone then.
        usable = await connection.scalar(_USABLE, {"since": since.snapshot})
    return [_event(row) for row in rows] if usable and len(rows) <= most else None


async def _now(connection: AsyncConnection) -> Position:
    snapshot, incarnation = (await connection.execute(_NOW)).one()
    return Position(incarnation, snapshot)


async def _between(
    connection: AsyncConnection, query: Any, since: Position, until: Position, beyond: int
) -> Sequence[Row[Any]]:
    return (await connection.execute(query, _parameters(since, until, beyond, PAGE))).all()


def _parameters(since: Position, until: Position, beyond: int, page: int) -> dict[str, Any]:
    return {"since": since.snapshot, "until": until.snapshot, "beyond": beyond, "page": page}


def _event(row: Row[Any]) -> LoggedEvent:
    *values, also = tuple[Any, ...](row)
    return LoggedEvent(*values, also=tuple(also))
