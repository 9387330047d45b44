"""Connections: a window of visible rows, what is asked of each, and where the window lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphql import FieldNode

from compiler import scope
from compiler.arguments import Argument
from compiler.filters import archived, filters
from compiler.scope import Row
from compiler.selection import Fields
from compiler.windows import Cursors, Window, window
from compiler.write import Writer, long_named, record, source
from resolvers.loaders import COUNT_CAP
from resolvers.relations import Relation


def connection(
    writer: Writer,
    target: str,
    relation: Relation,
    arguments: Mapping[str, Argument],
    fields: Fields,
    parent: Row | None,
) -> str:
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
    conditions += filters(relation, alias, arguments, writer.shape, writer.parameters)
    return _Connection(writer, target, row, part, conditions).write(fields)


@dataclass
class _Connection:
    """One connection. The rows of its page are read once for all fields that need them, as the row ``a``."""

    writer: Writer
    target: str
    row: Row
    window: Window
    conditions: list[str]

    def write(self, fields: Fields) -> str:
        """The object of the connection."""
        self._cursors.check()
        names = {key: nodes[0].name.value for key, nodes in fields.items()}
        if len(fields) == 1 and not set(names.values()).isdisjoint(_LISTS):
            return record([(key, self._plain_list(nodes)) for key, nodes in fields.items()])
        lists = {key: f"f{index}" for index, key in enumerate(fields) if names[key] in _LISTS}
        pairs = [(key, self._field(nodes, lists.get(key, ""))) for key, nodes in fields.items()]
        if not lists and "pageInfo" not in names.values():
            return record(pairs)
        page = self._page([(name, fields[key]) for key, name in lists.items()], ends=self._needs_ends(fields))
        return record(pairs, f" from ({page}) a")

    def _field(self, nodes: list[FieldNode], column: str) -> str:
        name = nodes[0].name.value
        if name in _LISTS:
            return f"a.{column}"
        if name == "__typename":
            return f"'{self.target}Connection'::text"
        return self._page_info(nodes) if name == "pageInfo" else self._count(name)

    def _count(self, name: str) -> str:
        """Counting stops one row beyond the cap."""
        counted = f"(select{source(self.row, self.conditions)} limit {COUNT_CAP + 1}) c"
        value = f"least(count(*), {COUNT_CAP})" if name == "totalCount" else f"count(*) > {COUNT_CAP}"
        return f"(select {value} from {counted})"

    def _plain_list(self, nodes: list[FieldNode]) -> str:
        """Rows and nothing about their place in the list: the shortest form."""
        pairs, alias = self._row_pairs(nodes), self.row.alias
        rows = self._read(self.window.size)
        if self.window.backward:
            rows = f"select {alias}.* from ({rows}) {alias} order by {self._cursors.turned()}"
        if long_named(pairs):
            return f"(select coalesce(json_agg({record(pairs)}), '[]') from ({rows}) {alias})"
        chosen = ", ".join(f'{value} as "{name}"' for name, value in pairs)
        return f"(select coalesce(json_agg(o$), '[]') from (select {chosen} from ({rows}) {alias}) o$)"

    def _page(self, lists: Sequence[tuple[str, list[FieldNode]]], *, ends: bool) -> str:
        """All rows in one row: a list for each field that asks for them, the ends, and whether more follow."""
        on_page, turn = self._on_page("p"), " order by p.n desc" if self.window.backward else ""
        made = [f"coalesce(json_agg(p.{name}{turn}) filter (where {on_page}), '[]') as {name}" for name, _ in lists]
        if ends:
            made.append(f"(array_agg(p.body order by p.n) filter (where {on_page}))[1] as head")
            made.append(f"(array_agg(p.body order by p.n desc) filter (where {on_page}))[1] as tail")
        made.append(f"count(*) > {self.window.size} as more")
        return f"select {', '.join(made)} from ({self._rows(lists, ends=ends)}) p"

    def _rows(self, lists: Sequence[tuple[str, list[FieldNode]]], *, ends: bool) -> str:
        """The rows with their numbers. The one beyond the page only says that there is more: nothing is made of it."""
        alias, on_page = self.row.alias, self._on_page(self.row.alias)
        made = [f"case when {on_page} then {record(self._row_pairs(nodes))} end as {name}" for name, nodes in lists]
        made += [f"{self._cursors.body()} as body"] if ends else []
        numbered = f"select {alias}.*, row_number() over () as n from ({self._read(self.window.size + 1)}) {alias}"
        return f"select {', '.join([*made, f'{alias}.n'])} from ({numbered}) {alias}"

    def _on_page(self, alias: str) -> str:
        return f"{alias}.n <= {self.window.size}"

    def _read(self, limit: int) -> str:
        """The rows of the window, in the order of reading."""
        rows = source(self.row, [*self.conditions, *self._cursors.bounds()])
        return f"select {self.row.alias}.*{rows} order by {self._cursors.sort()} limit {limit}"

    def _row_pairs(self, nodes: list[FieldNode]) -> list[tuple[str, str]]:
        """What is asked of each row."""
        if nodes[0].name.value == "nodes":
            fields = self.writer.selections.below(self.target, nodes)
            return [(key, self.writer.field(self.target, self.row, below)) for key, below in fields.items()]
        fields = self.writer.selections.below(f"{self.target}Edge", nodes)
        return [(key, self._edge_field(below)) for key, below in fields.items()]

    def _edge_field(self, nodes: list[FieldNode]) -> str:
        name = nodes[0].name.value
        if name == "node":
            fields = self.writer.selections.below(self.target, nodes)
            return self.writer.record(self.target, self.row, fields)
        return f"'{self.target}Edge'::text" if name == "__typename" else self._cursors.cursor(self._cursors.body())

    def _page_info(self, nodes: list[FieldNode]) -> str:
        fields = self.writer.selections.below("PageInfo", nodes)
        return record([(key, self._page_info_field(below[0].name.value)) for key, below in fields.items()])

    def _page_info_field(self, name: str) -> str:
        if name == "__typename":
            return "'PageInfo'::text"
        if name in _ENDS:
            return self._cursors.cursor("a.head" if (name == "startCursor") != self.window.backward else "a.tail")
        if (name == "hasNextPage") != self.window.backward:
            return "a.more"
        # Behind the page there are rows if a cursor said where it begins.
        return "true" if self.window.has("before" if self.window.backward else "after") else "false"

    def _needs_ends(self, fields: Fields) -> bool:
        asked = [nodes for nodes in fields.values() if nodes[0].name.value == "pageInfo"]
        below = [one for nodes in asked for one in self.writer.selections.below("PageInfo", nodes).values()]
        return any(nodes[0].name.value in _ENDS for nodes in below)

    @cached_property
    def _cursors(self) -> Cursors:
        return Cursors(self.window, self.row, self.writer.parameters)


_LISTS = frozenset({"edges", "nodes"})
_ENDS = frozenset({"startCursor", "endCursor"})
