"""Pages of the audit trail, newest first, as far as the viewer may see the places where access was changed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, cast, get_args

import orjson
from sqlalchemy import ColumnElement, FromClause, Row, Select, func, literal, or_, select

import models
from auth.permissions import Permission
from auth.scope import AUDIT_VISIBILITY, Viewpoint, covered
from auth.sealing import SteadySeal, Unsealable
from domain.audit import Referred
from models import AuditEntry, Place
from resolvers.context import Context
from resolvers.ids import decode, encode
from resolvers.loaders import COUNT_CAP
from resolvers.pages import LARGEST, CursorInvalid, PageInvalid
from resolvers.record import Record

_TABLE = AuditEntry.__table__
REFERRED: Mapping[str, type[models.TenantRow]] = {name: getattr(models, name) for name in get_args(Referred)}
"""The rows an entry names as a value, by the kind it calls them."""
_SEQUENCE_BYTES = 8


@dataclass(frozen=True)
class TrailCursors:
    """The cursors of one viewer: where an entry lies, sealed. How many entries lie in between is nobody's business."""

    secret: bytes
    viewer: uuid.UUID

    def write(self, sequence: int) -> str:
        """The cursor of an entry: always the same one."""
        return _seal(self.secret).close(sequence.to_bytes(_SEQUENCE_BYTES), self.viewer.bytes).hex()

    def read(self, cursor: str) -> int | None:
        """The entry a cursor stands for; None if it was not written for this viewer."""
        try:
            return int.from_bytes(_seal(self.secret).open(bytes.fromhex(cursor), self.viewer.bytes))
        except (ValueError, Unsealable):
            return None


@cache
def _seal(secret: bytes) -> SteadySeal:
    return SteadySeal(secret, "cursors of the audit trail")


@dataclass(frozen=True)
class Wanted:
    """Which entries; everything that is None or empty is any."""

    user: str | None = None
    actor: str | None = None
    at: str | None = None
    actions: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None


@dataclass
class AuditPage:
    """A part of the trail, read when its rows are asked for."""

    context: Context
    size: int
    after: str | None
    wanted: Wanted
    _reads: dict[str, asyncio.Future[Any]] = field(default_factory=dict[str, "asyncio.Future[Any]"], init=False)

    def __post_init__(self) -> None:
        if not 1 <= self.size <= LARGEST:
            raise PageInvalid(f"A page has 1 to {LARGEST} rows.", field="first", code="PAGE_SIZE_INVALID")
        self._beyond = None if self.after is None else self._position(self.after)

    async def rows(self) -> list[ShownEntry]:
        """The entries of the page."""
        return [ShownEntry(self.context, row) for row in (await self._rows())[: self.size]]

    async def has_next(self) -> bool:
        """Whether older entries follow."""
        return len(await self._rows()) > self.size

    async def has_previous(self) -> bool:
        """Whether newer entries precede the page: there are some if ``after`` was given."""
        return self.after is not None

    async def total(self) -> int:
        """How many visible entries there are in all pages, at most one beyond the cap."""
        return await self._once("count", self._count)

    async def total_capped(self) -> bool:
        """Whether there are more entries than were counted."""
        return await self.total() > COUNT_CAP

    def cursor(self, record: ShownEntry) -> str:
        """Where an entry lies."""
        return self._cursors.write(record.row.sequence)

    @property
    def _cursors(self) -> TrailCursors:
        return TrailCursors(self.context.services.secret, self.context.actor.user_id)

    async def _rows(self) -> Sequence[Row[Any]]:
        return await self._once("rows", self._read)

    def _once(self, name: str, read: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Future[Any]:
        """What several fields ask for is read once, in a task of its own.

        A field is cancelled when another one is refused: a statement that was cut off would cost the connection.
        """
        if name not in self._reads:
            task = self._reads[name] = asyncio.ensure_future(read())
            # If nobody waits any more, whatever came of it is nobody's concern.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return asyncio.shield(self._reads[name])

    async def _read(self) -> Sequence[Row[Any]]:
        conditions = _wanted(self.wanted)
        if conditions is None:
            return []
        if self._beyond is not None:
            conditions.append(_TABLE.c.sequence < self._beyond)
        query = _seen(self.context, _TABLE).where(*conditions).order_by(_TABLE.c.sequence.desc())
        return await self.context.loaders.reader.all(query.limit(self.size + 1))

    async def _count(self) -> int:
        conditions = _wanted(self.wanted)
        if conditions is None:
            return 0
        seen = _seen(self.context, _TABLE).where(*conditions).limit(COUNT_CAP + 1).subquery()
        ((count,),) = await self.context.loaders.reader.all(select(func.count()).select_from(seen))
        return count

    def _position(self, cursor: str) -> int:
        position = self._cursors.read(cursor)
        if position is None:
            raise CursorInvalid("The cursor does not belong to this list.", field="after")
        return position


def _seen(context: Context, table: FromClause) -> Select[Any]:
    eyes = Viewpoint(literal(context.actor.tenant_id), literal(context.actor.user_id), context.actor.scopes)
    place = covered(AUDIT_VISIBILITY, cast("Any", AuditEntry), table, eyes)
    return select(table).where(table.c.tenant_id == context.actor.tenant_id, place)


MEANT: Mapping[str, tuple[tuple[type[models.TenantRow], ...], tuple[str, ...]]] = {
    "user": ((models.User,), ("user_id",)),
    "actor": ((models.User,), ("actor_id",)),
    "at": ((models.Organization, models.Site), ("organization_id", "site_id")),
}
"""The ids by which entries are found: of which rows, and in which columns they stand."""


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]] | None:
    """The conditions; None if an id is of no row that could be meant."""
    conditions: list[ColumnElement[bool]] = []
    for name, (_, columns) in MEANT.items():
        id: str | None = getattr(wanted, name)
        key = None if id is None else meant(name, id)
        if id is not None and key is None:
            return None
        if key is not None:
            conditions.append(or_(*(_TABLE.c[column] == key for column in columns)))
    return [*conditions, *_within(wanted)]


def _within(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.actions:
        yield _TABLE.c.action.in_(wanted.actions)
    if wanted.since is not None:
        yield _TABLE.c.at >= wanted.since
    if wanted.before is not None:
        yield _TABLE.c.at < wanted.before


def meant(name: str, id: str) -> uuid.UUID | None:
    """The key of the row an id of the filter stands for; None if it is of no row that could be meant."""
    target = decode(id)
    return target[1] if target is not None and target[0] in MEANT[name][0] else None


@dataclass(frozen=True)
class AuditChange:
    """One value that was changed, as text; null: there was none, or it is a row the viewer may not see."""

    field: str
    before: str | None
    after: str | None


class ShownEntry:
    """An entry as a viewer may see it: rows they cannot see are not named."""

    def __init__(self, context: Context, row: Row[Any]) -> None:
        self._context = context
        self.row = row

    def whole(self, value: Any) -> Any:
        """``value`` for those who see the whole trail. It would tell the others how much they do not see."""
        everything = self._context.actor.holds(Permission.VIEW_ACCESS, Place(self._context.actor.tenant_id))
        return value if everything else None

    async def named(self, model: Any, id: uuid.UUID | None) -> Record | None:
        """The row, if the viewer sees it."""
        if id is None:
            return None
        return await self._context.loaders.row(model).load((self._context.actor.user_id, id))

    async def changes(self) -> list[AuditChange]:
        """What was changed, by the names of what it is."""
        before: dict[str, Any] = self.row.before or {}
        after: dict[str, Any] = self.row.after or {}
        return [
            AuditChange(name, await self._text(before.get(name)), await self._text(after.get(name)))
            for name in dict.fromkeys((*before, *after))
        ]

    async def _text(self, value: Any) -> str | None:
        if isinstance(value, Mapping):
            return await self._reference(cast("Mapping[str, str]", value))
        if value is None or isinstance(value, str):
            return value
        return orjson.dumps(value).decode()

    async def _reference(self, value: Mapping[str, str]) -> str | None:
        model = REFERRED.get(value.get("type", ""))
        if model is None:
            return None
        key = uuid.UUID(value["id"])
        return encode(model, key) if await self.named(model, key) is not None else None
