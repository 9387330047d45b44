"""Loaders: what the fields of one operation (or of one event) ask for, gathered into few statements.

Keys begin with the viewer, so that the loaders of one event serve all its subscribers and still show each only what
they may see: the visibility predicate takes the viewer as a column. Loaders never outlive the snapshot they read.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from aiodataloader import DataLoader
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Uuid,
    and_,
    column,
    func,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

import models
from auth.scope import Viewpoint, visible
from resolvers.ids import Model
from resolvers.reader import Reader
from resolvers.record import Record
from resolvers.relations import Archived, Filter, Order, Relation, condition

COUNT_CAP = 10_000
"""Counting stops here: ``totalCount`` says at most this many, and ``totalCountCapped`` that there are more."""


@dataclass(frozen=True)
class Choice:
    """Which rows of a relation are meant: the filters with their values, and whether archived ones count."""

    filters: tuple[tuple[Filter, Any], ...] = ()
    archived: Archived = Archived.EXCLUDE


@dataclass(frozen=True)
class Window:
    """Which part of the chosen rows: how many, in which order, beyond which row (sort value and id)."""

    size: int
    order: Order
    backward: bool = False
    after: tuple[Any, uuid.UUID] | None = None
    before: tuple[Any, uuid.UUID] | None = None


Key = tuple[uuid.UUID, uuid.UUID]
"""A viewer and the row asked for, or a viewer and the parent whose rows are asked for."""


class Loaders:
    """The loaders of one snapshot; ``scopes`` are the only names of grants by which they see anything."""

    def __init__(self, reader: Reader, tenant_id: uuid.UUID, scopes: frozenset[str] | None = None) -> None:
        self.reader = reader
        self.tenant_id = tenant_id
        self.scopes = scopes
        self._made: dict[Any, DataLoader[Key, Any]] = {}

    def row(self, model: Model) -> DataLoader[Key, Record | None]:
        """By (viewer, id): the row if that viewer may see it."""
        return self._loader(model, partial(self._rows, model))

    def page(self, relation: Relation, choice: Choice, window: Window) -> DataLoader[Key, list[Record]]:
        """By (viewer, parent): the window's rows, one more than its size if there are more."""
        where = (id(relation), choice, window)
        return self._loader(where, partial(self._pages, relation, choice, window))

    def count(self, relation: Relation, choice: Choice) -> DataLoader[Key, int]:
        """By (viewer, parent): how many rows there are, counted up to one beyond ``COUNT_CAP``."""
        return self._loader((id(relation), choice), partial(self._counts, relation, choice))

    def own(self, name: str, load: Callable[[list[Key]], Coroutine[Any, Any, list[Any]]]) -> DataLoader[Key, Any]:
        """By (viewer, row): what a field works out by itself, gathered as everything else is."""
        return self._loader(name, load)

    def _loader(self, name: Any, load: Callable[[list[Key]], Coroutine[Any, Any, list[Any]]]) -> DataLoader[Key, Any]:
        if name not in self._made:
            self._made[name] = DataLoader(load)
        return self._made[name]

    async def _rows(self, model: Model, keys: list[Key]) -> list[Record | None]:
        table = _aliased(model)
        asked = _asked(keys)
        query = select(asked.c.ordinal, *table.c).join_from(asked, table, table.c.id == asked.c.target)
        query = query.where(self._seen(model, table, asked, keys))
        found = {row.ordinal: Record(model, row) for row in await self.reader.all(query)}
        return [found.get(ordinal) for ordinal in range(1, len(keys) + 1)]

    async def _pages(self, relation: Relation, choice: Choice, window: Window, keys: list[Key]) -> list[list[Record]]:
        asked = _asked(keys)
        table = _aliased(relation.model)
        inner = self._chosen(select(table), relation, choice, table, asked, keys)
        inner = inner.where(*_bounds(window, table)).order_by(*_sort(window, table))
        page = inner.limit(window.size + 1).lateral("page")
        query = select(asked.c.ordinal, *page.c).join_from(asked, page, true())
        query = query.order_by(asked.c.ordinal, *_sort(window, page))
        pages: list[list[Record]] = [[] for _ in keys]
        for row in await self.reader.all(query):
            index: int = row.ordinal - 1
            pages[index].append(Record(relation.model, row))
        return pages

    async def _counts(self, relation: Relation, choice: Choice, keys: list[Key]) -> list[int]:
        asked = _asked(keys)
        table = _aliased(relation.model)
        inner = self._chosen(select(literal(1)), relation, choice, table, asked, keys)
        capped = inner.select_from(table).limit(COUNT_CAP + 1).subquery()
        count = select(func.count().label("rows")).select_from(capped).lateral("counted")
        query = select(asked.c.ordinal, count.c.rows).join_from(asked, count, true())
        found = {row.ordinal: row.rows for row in await self.reader.all(query)}
        return [found[ordinal] for ordinal in range(1, len(keys) + 1)]

    def _chosen(
        self,
        query: Select[Any],
        relation: Relation,
        choice: Choice,
        table: FromClause,
        asked: FromClause,
        keys: Sequence[Key],
    ) -> Select[Any]:
        if relation.parent is not None:
            query = query.where(table.c[relation.parent.key] == asked.c.target)
        query = query.where(
            self._seen(relation.model, table, asked, keys),
            *_archived(choice, table),
            *(condition(one, table, value) for one, value in choice.filters),
            *(table.c[name] == value for name, value in relation.match.items()),
        )
        return query.correlate(asked)

    def _seen(self, model: Model, table: FromClause, asked: FromClause, keys: Sequence[Key]) -> ColumnElement[bool]:
        """The tenant wall and the visibility of the row for the viewer who asked."""
        if not issubclass(model, models.TenantRow):
            return table.c.id == self.tenant_id
        viewers = {viewer for viewer, _ in keys}
        # One viewer is the rule; bound as a value, the grants are hashed once instead of looked up for each row.
        viewer = literal(viewers.pop()) if len(viewers) == 1 else asked.c.viewer
        eyes = Viewpoint(literal(self.tenant_id), viewer, self.scopes)
        return and_(table.c.tenant_id == self.tenant_id, visible(model, table, eyes))


@cache
def _aliased(model: Model) -> FromClause:
    """An alias of the model's table, always the same one: to make its columns costs more than to run the statement."""
    return model.__table__.alias()


def _asked(keys: Sequence[Key]) -> FromClause:
    """The keys as a table (ordinal, viewer, target)."""
    viewers, targets = zip(*keys, strict=True)
    return (
        func.unnest(_uuids(viewers), _uuids(targets))
        .table_valued(column("viewer", Uuid()), column("target", Uuid()), with_ordinality="ordinal")
        .render_derived(name="asked")
    )


def _uuids(values: Sequence[uuid.UUID]) -> ColumnElement[Any]:
    return literal(list(values), ARRAY(Uuid()))


def _archived(choice: Choice, table: FromClause) -> list[ColumnElement[bool]]:
    archived = table.c.archived_at
    conditions: Mapping[Archived, list[ColumnElement[bool]]] = {
        Archived.EXCLUDE: [archived.is_(None)],
        Archived.INCLUDE: [],
        Archived.ONLY: [archived.is_not(None)],
    }
    return conditions[choice.archived]


def _sort(window: Window, table: FromClause) -> list[ColumnElement[Any]]:
    keys = [window.order.key(table), table.c.id]
    descending = window.order.descending != window.backward
    return [key.desc() if descending else key.asc() for key in keys]


def _bounds(window: Window, table: FromClause) -> list[ColumnElement[bool]]:
    """The keyset: strictly beyond ``after`` and strictly before ``before``, in the order of the relation."""
    key = tuple_(window.order.key(table), table.c.id)
    down = window.order.descending
    bounds: list[ColumnElement[bool]] = []
    if window.after is not None:
        bounds.append(key < window.after if down else key > window.after)
    if window.before is not None:
        bounds.append(key > window.before if down else key < window.before)
    return bounds
