"""Pages of a relation: arguments in, a window of visible rows out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, cast

from auth.permissions import Permission
from auth.scope import may_compare
from domain.refusals import Refused
from resolvers.context import Context
from resolvers.cursors import Seal, parse
from resolvers.loaders import COUNT_CAP, Choice, Window
from resolvers.record import Record
from resolvers.relations import Archived, Order, Relation

LARGEST = 100
ROOT = uuid.UUID(int=0)


class PageInvalid(Refused):
    """The paging arguments contradict each other or exceed what a page may hold."""

    code = "PAGE_INVALID"


class CursorInvalid(Refused):
    """The cursor was not issued to this viewer for this list in this order."""

    code = "CURSOR_INVALID"


class ArgumentForbidden(Refused):
    """Sorting and filtering by a field takes the right to read it wherever rows are visible."""

    code = "FIELD_FORBIDDEN"

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"Sorting or filtering by this field needs the permission {permission}.")
        self.permission = permission


@dataclass(frozen=True)
class PageArguments:
    """What a caller asked of a connection."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None
    order: str | None = None
    filters: tuple[tuple[str, Any], ...] = ()
    archived: Archived = Archived.EXCLUDE


class Page:
    """A window on a relation, read when its rows or its count are asked for."""

    def __init__(
        self, context: Context, relation: Relation, arguments: PageArguments, parent: uuid.UUID = ROOT
    ) -> None:
        name = arguments.order or relation.default_order
        self.relation = relation
        self.arguments = arguments
        self._context = context
        self._key = (context.actor.user_id, parent)
        self._order = relation.orders[name]
        self._seal = Seal.derive(context.services.secret, context.actor.user_id, relation.key(), name)
        self._choice = _choice(context, relation, arguments)
        self._window = _window(arguments, self._order, self._seal)
        _allow(context, relation, self._order.requires)

    async def rows(self) -> list[Record]:
        """The rows of the page, in the order asked for."""
        records = (await self._read())[: self._window.size]
        return records[::-1] if self._window.backward else records

    async def more(self) -> bool:
        """Whether rows lie beyond the page in the direction of reading."""
        return len(await self._read()) > self._window.size

    async def has_next(self) -> bool:
        """Whether rows follow the page; reading backwards, there are some if ``before`` was given."""
        return self._window.before is not None if self._window.backward else await self.more()

    async def has_previous(self) -> bool:
        """Whether rows precede the page; reading forwards, there are some if ``after`` was given."""
        return await self.more() if self._window.backward else self._window.after is not None

    async def total(self) -> int:
        """How many rows there are in all pages, at most one beyond the cap."""
        return await self._context.loaders.count(self.relation, self._choice).load(self._key)

    async def total_capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return await self.total() > COUNT_CAP

    def cursor(self, record: Record) -> str:
        """The cursor of a row of this page."""
        return self._seal.write(self._order.value(record.row), record.key)

    async def _read(self) -> list[Record]:
        loader = self._context.loaders.page(self.relation, self._choice, self._window)
        return await loader.load(self._key)


def _window(arguments: PageArguments, order: Order, seal: Seal) -> Window:
    backward = arguments.last is not None
    size = arguments.last if backward else arguments.first
    if size is None:
        raise PageInvalid("Say how many: first or last.", field="first", code="PAGE_SIZE_REQUIRED")
    if backward and arguments.first is not None:
        raise PageInvalid("Give first or last, not both.", field="first")
    if not 1 <= size <= LARGEST:
        name = "last" if backward else "first"
        raise PageInvalid(f"A page has 1 to {LARGEST} rows.", field=name, code="PAGE_SIZE_INVALID")
    return Window(
        size=size,
        order=order,
        backward=backward,
        after=_position(arguments.after, order, seal, "after"),
        before=_position(arguments.before, order, seal, "before"),
    )


def _position(cursor: str | None, order: Order, seal: Seal, name: str) -> tuple[Any, uuid.UUID] | None:
    if cursor is None:
        return None
    opened = seal.read(cursor)
    if opened is None:
        raise CursorInvalid("The cursor does not belong to this list in this order.", field=name)
    value, id = opened
    return parse(value, order.kind), id


def _choice(context: Context, relation: Relation, arguments: PageArguments) -> Choice:
    chosen = [(relation.filters[name], value) for name, value in arguments.filters]
    for one, _ in chosen:
        _allow(context, relation, one.requires)
    return Choice(tuple((one, _frozen(value)) for one, value in chosen), arguments.archived)


def _allow(context: Context, relation: Relation, permission: Permission | None) -> None:
    if permission is not None and not may_compare(context.actor, relation.model, permission):
        raise ArgumentForbidden(permission)


def _frozen(value: Any) -> Any:
    return tuple(cast("list[Any]", value)) if isinstance(value, list) else value
