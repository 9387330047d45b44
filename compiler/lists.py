"""Connections: a window of visible rows, what is asked of each, and where the window lies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphql import FieldNode

import models
from compiler import scope
from compiler.arguments import Argument
from compiler.filters import archived, filters
from compiler.scope import Row
from compiler.selection import Fields
from compiler.text import Json, Sql, joined, listed, members, nullable, quoted, record
from compiler.windows import Cursors, Window, window
from compiler.write import Writer, source
from resolvers.loaders import COUNT_CAP
from resolvers.relations import Archived, Relation


def connection(
    writer: Writer,
    target: str,
    relation: Relation,
    arguments: Mapping[str, Argument],
    fields: Fields,
    parent: Row | None,
) -> Json:
    """The object of a connection; ``parent`` is the row it hangs on, if it hangs on one."""
    part = window(relation, arguments, writer.shape)
    alias = writer.alias("t")
    key = relation.parent.key if relation.parent is not None else None
    facts = scope.of_child(parent, relation.model, key) if parent and key else scope.NOTHING
    predicate, row = writer.visible(Row(relation.model, alias, facts))
    conditions = [f"{alias}.tenant_id = {writer.parameters.tenant}", predicate]
    if parent is not None and key is not None:
        conditions.append(f"{alias}.{key} = {parent.alias}.id")
    conditions += archived(alias, arguments)
    filtered = [*filters(relation, alias, arguments, writer.shape, writer.parameters)]
    is_plain = not filtered and arguments["archived"].value is Archived.EXCLUDE
    summary = _summary(writer, relation.model, facts, parent, key) if is_plain else None
    return _Connection(writer, target, row, part, [*conditions, *filtered], summary).write(fields)


_COUNTS = "counts"
_SUMMED = frozenset({"organization_id", "site_id", "contract_id"})
"""By these columns jobs are counted in advance (``models.JobCount``)."""


def _summary(
    writer: Writer, model: scope.Model, facts: scope.Facts, parent: Row | None, key: str | None
) -> Sequence[str] | None:
    """The conditions on what was counted in advance that tell how many rows a parent has; None if they cannot.

    What stands for jobs has their places. So a predicate that needs nothing else of a job is one on that.
    """
    if model is not models.Job or parent is None or key not in _SUMMED:
        return None
    predicate, _ = writer.visible(Row(model, _COUNTS, facts))
    if not set(re.findall(rf"\b{_COUNTS}\.(\w+)", predicate)) <= _SUMMED:
        return None
    return f"{_COUNTS}.tenant_id = {writer.parameters.tenant}", f"{_COUNTS}.{key} = {parent.alias}.id", predicate


@dataclass
class _Connection:
    """One connection. The rows of its page are read once for all fields that need them, as the row ``a``."""

    writer: Writer
    target: str
    row: Row
    window: Window
    conditions: list[str]
    summary: Sequence[str] | None
    """The conditions on what was counted in advance, where that tells how many rows there are."""

    def write(self, fields: Fields) -> Json:
        """The object of the connection."""
        self._cursors.check()
        names = {key: nodes[0].name.value for key, nodes in fields.items()}
        if len(fields) == 1 and not set(names.values()).isdisjoint(_LISTS):
            return record((key, self._plain_list(nodes)) for key, nodes in fields.items())
        lists = {key: f"f{index}" for index, key in enumerate(fields) if names[key] in _LISTS}
        value = record((key, self._field(nodes, lists.get(key, ""))) for key, nodes in fields.items())
        if not lists and "pageInfo" not in names.values():
            return value
        page = self._page([(name, fields[key]) for key, name in lists.items()], self._ends(fields))
        return (Sql(f"(select {joined(value)} from ({page}) a)"),)

    def _field(self, nodes: list[FieldNode], column: str) -> Json:
        name = nodes[0].name.value
        if name in _LISTS:
            return members(f"a.{column}")
        if name == "__typename":
            return (f'"{self.target}Connection"',)
        return self._page_info(nodes) if name == "pageInfo" else self._count(name)

    def _count(self, name: str) -> Json:
        """Counting stops one row beyond the cap."""
        number, rows = "count(*)", f"(select{source(self.row, self.conditions)} limit {COUNT_CAP + 1}) c"
        if self.summary is not None:
            number = f"coalesce(sum({_COUNTS}.number), 0)"
            rows = f"{models.JobCount.__tablename__} {_COUNTS} where {' and '.join(self.summary)}"
        value = f"least({number}, {COUNT_CAP})" if name == "totalCount" else f"({number} > {COUNT_CAP})"
        return (Sql(f"(select {value}::text from {rows})"),)

    def _plain_list(self, nodes: list[FieldNode]) -> Json:
        """Rows and nothing about their place in the list: the shortest form."""
        alias, made = self.row.alias, joined(self._row(nodes))
        rows = self._read(self.window.size, made, *([self._cursors.turned()] if self.window.backward else []))
        if self.window.backward:
            rows = f"select {alias}.* from ({rows}) {alias} order by {self._cursors.turned()}"
        return listed((Sql(made),), f" from ({rows}) {alias}")

    def _page(self, lists: Sequence[tuple[str, list[FieldNode]]], ends: Sequence[str]) -> str:
        """All rows in one row: a list for each field that asks for them, the ends, and whether more follow.

        What is nothing, as the row beyond the page, is left out of a list.
        """
        down, up = (" order by p.n desc", " order by p.n") if self.window.backward else ("", "")
        made = [f"string_agg(p.{name}, ','{down}) as {name}" for name, _ in lists]
        last = f"least(count(*), {self.window.size})"
        for end in ends:
            at = "1" if (end == "startCursor") != self.window.backward else last
            made += [f"(array_agg(p.{column}{up}))[{at}] as {column}_{end.lower()}" for column in ("key", "id")]
        made.append(f"count(*) > {self.window.size} as more")
        return f"select {', '.join(made)} from ({self._rows(lists, ends)}) p"

    def _rows(self, lists: Sequence[tuple[str, list[FieldNode]]], ends: Sequence[str]) -> str:
        """The rows with their numbers. The one beyond the page only says that there is more: nothing is made of it."""
        alias = self.row.alias
        on_page = f"{alias}.n <= {self.window.size}"
        made = [f"case when {on_page} then {joined(self._row(nodes))} end as {name}" for name, nodes in lists]
        made += [f"{self._cursors.key} as key", f"{alias}.id"] if ends else []
        numbered = (
            f"select {alias}.*, row_number() over () as n from ({self._read(self.window.size + 1, *made)}) {alias}"
        )
        return f"select {', '.join([*made, f'{alias}.n'])} from ({numbered}) {alias}"

    def _read(self, limit: int, *said: str) -> str:
        """The rows of the window, in the order of reading, with the columns that are named in what is said of them."""
        rows = source(self.row, [*self.conditions, *self._cursors.bounds()])
        columns = ", ".join(f"{self.row.alias}.{name}" for name in self._columns(said))
        return f"select {columns}{rows} order by {self._cursors.sort()} limit {limit}"

    def _columns(self, said: Iterable[str]) -> Sequence[str]:
        """The columns of the rows that expressions name. A row of all its columns costs a page a tenth more."""
        named = {name for one in said for name in re.findall(rf"\b{self.row.alias}\.(\w+)", one)}
        return [one.name for one in self.row.model.__table__.c if one.name in named] or ["id"]

    def _row(self, nodes: list[FieldNode]) -> Json:
        """What is asked of each row."""
        if nodes[0].name.value == "nodes":
            return self.writer.record(self.target, self.row, self.writer.selections.below(self.target, nodes))
        fields = self.writer.selections.below(f"{self.target}Edge", nodes)
        return record((key, self._edge_field(below)) for key, below in fields.items())

    def _edge_field(self, nodes: list[FieldNode]) -> Json:
        name = nodes[0].name.value
        if name == "node":
            return self.writer.record(self.target, self.row, self.writer.selections.below(self.target, nodes))
        if name == "__typename":
            return (f'"{self.target}Edge"',)
        return quoted(self._cursors.cursor(self._cursors.key, f"{self.row.alias}.id"))

    def _page_info(self, nodes: list[FieldNode]) -> Json:
        fields = self.writer.selections.below("PageInfo", nodes)
        return record((key, self._page_info_field(below[0].name.value)) for key, below in fields.items())

    def _page_info_field(self, name: str) -> Json:
        if name == "__typename":
            return ('"PageInfo"',)
        if name in _ENDS:
            key, id = (f"a.{column}_{name.lower()}" for column in ("key", "id"))
            return nullable(quoted(self._cursors.cursor(key, id)))
        if (name == "hasNextPage") != self.window.backward:
            return (Sql("a.more::text"),)
        # Behind the page there are rows if a cursor said where it begins.
        return ("true" if self.window.has("before" if self.window.backward else "after") else "false",)

    def _ends(self, fields: Fields) -> list[str]:
        """Which ends of the page are asked for."""
        asked = [nodes for nodes in fields.values() if nodes[0].name.value == "pageInfo"]
        below = [one for nodes in asked for one in self.writer.selections.below("PageInfo", nodes).values()]
        return sorted({nodes[0].name.value for nodes in below} & _ENDS)

    @cached_property
    def _cursors(self) -> Cursors:
        return Cursors(self.window, self.row, self.writer.parameters)


_LISTS = frozenset({"edges", "nodes"})
_ENDS = frozenset({"startCursor", "endCursor"})
