"""The audit trail: its rows are no nodes, are seen where access may be seen, and refer to what may not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import FieldNode

import models
from auth.permissions import Permission
from auth.scope import AUDIT_VISIBILITY
from compiler import marks, scope
from compiler.arguments import Argument
from compiler.marks import Made
from compiler.parameters import Call
from compiler.plan import NotCompiled
from compiler.scope import Row
from compiler.selection import Fields
from compiler.text import NULL, Json, Sql, escaped, joined, listed, members, quoted, record, unless_null
from compiler.values import shown
from compiler.write import Writer, identifier, source
from resolvers.audit import MEANT, REFERRED, TrailCursors, meant
from resolvers.ids import PREFIXES
from resolvers.loaders import COUNT_CAP
from resolvers.pages import LARGEST

_LISTS = frozenset({"edges", "nodes"})
_ENTRY = cast("scope.Model", models.AuditEntry)
_MEMBERS: Mapping[str, tuple[str, str]] = {
    "user": ("{row}.user_id = {value}", "uuid"),
    "actor": ("{row}.actor_id = {value}", "uuid"),
    "at": ("({row}.organization_id = {value} or {row}.site_id = {value})", "uuid"),
    "actions": ("{row}.action = any({value})", "text[]"),
    "since": ("{row}.at >= {value}", "timestamptz"),
    "before": ("{row}.at < {value}", "timestamptz"),
}
"""By member of the filter: the condition, and the type of what it compares with."""


def audit_trail(writer: Writer, nodes: list[FieldNode]) -> Json:
    """A page of the trail; NotCompiled if its arguments are to be refused."""
    arguments = writer.arguments("Query", nodes[0])
    size = arguments["first"].value
    if not 1 <= size <= LARGEST:
        raise NotCompiled("the size of a page")
    row = Row(_ENTRY, writer.alias("t"))
    seen = writer.rules.covers(row, AUDIT_VISIBILITY.permission, writer.shape, writer.parameters)
    conditions = [f"{row.alias}.tenant_id = {writer.parameters.tenant}", seen, *_wanted(writer, row, arguments)]
    return _Trail(writer, row, conditions, size, arguments.get("after")).write(
        writer.selections.below("AuditConnection", nodes)
    )


def _wanted(writer: Writer, row: Row, arguments: Mapping[str, Argument]) -> Iterator[str]:
    """The conditions of the filter. An id of no row that could be meant is null, which no entry has."""
    argument = arguments.get("filter")
    given: Mapping[str, Any] = (argument.value if argument else None) or {}
    for name, (condition, kind) in _MEMBERS.items():
        # An empty list of actions means any of them.
        if argument is not None and given.get(name) not in (None, []):
            value = writer.parameters.bind((id(argument), name), kind, _member(argument, name))
            yield condition.format(row=row.alias, value=value)


def _member(argument: Argument, name: str) -> Callable[[Call], Any]:
    def value(call: Call) -> Any:
        given = argument.read(call.variables)[name]
        return meant(name, given) if name in MEANT else given

    return value


def _cursors(call: Call) -> TrailCursors:
    return TrailCursors(call.secret, call.standing.actor.user_id)


_CURSOR = Made("AuditEdge.cursor", lambda values, call: _cursors(call).write(values[0]))


@dataclass
class _Trail:
    """One page. Its rows are read once for all fields that need them, as the row ``a``."""

    writer: Writer
    row: Row
    conditions: list[str]
    size: int
    after: Argument | None

    def write(self, fields: Fields) -> Json:
        """The object of the connection."""
        names = {key: nodes[0].name.value for key, nodes in fields.items()}
        lists = {key: f"f{index}" for index, (key, name) in enumerate(names.items()) if name in _LISTS}
        value = record((key, self._field(nodes, lists.get(key, ""))) for key, nodes in fields.items())
        page = self._page([(name, fields[key]) for key, name in lists.items()])
        return (Sql(f"(select {joined(value)} from ({page}) a)"),)

    def _page(self, lists: Sequence[tuple[str, list[FieldNode]]]) -> str:
        """All rows in one row: a list for each field that asks for them, the ends, and whether more follow."""
        alias, on_page = self.row.alias, f"p.n <= {self.size}"
        rows = (
            f"select {alias}.*{source(self.row, self._beyond())} order by {alias}.sequence desc limit {self.size + 1}"
        )
        numbered = f"select {alias}.*, row_number() over () as n from ({rows}) {alias}"
        each = [f"case when {alias}.n <= {self.size} then {joined(self._row(nodes))} end as {name}"
                for name, nodes in lists]  # fmt: skip
        made = [f"string_agg(p.{name}, ',' order by p.n) as {name}" for name, _ in lists]
        made += [f"{end}(p.sequence) filter (where {on_page}) as {end}" for end in ("min", "max")]
        each += [f"{alias}.sequence", f"{alias}.n"]
        return (
            f"select {', '.join(made)}, count(*) > {self.size} as more"
            f" from (select {', '.join(each)} from ({numbered}) {alias}) p"
        )

    def _beyond(self) -> list[str]:
        """The conditions of the rows of this page; a cursor is judged even if no row is read."""
        after = self.after
        if after is None or after.value is None:
            return self.conditions

        def position(call: Call) -> int:
            found = _cursors(call).read(after.read(call.variables))
            if found is None:
                raise NotCompiled("a cursor that is not of this list")
            return found

        self.writer.parameters.checks.append(position)
        bound = self.writer.parameters.bind((id(after), "position"), "bigint", position)
        return [*self.conditions, f"{self.row.alias}.sequence < {bound}"]

    def _field(self, nodes: list[FieldNode], column: str) -> Json:
        name = nodes[0].name.value
        if name == "__typename":
            return ('"AuditConnection"',)
        if name == "pageInfo":
            fields = self.writer.selections.below("PageInfo", nodes)
            return record((key, self._page_info(below[0].name.value)) for key, below in fields.items())
        if name in _LISTS:
            return members(f"a.{column}")
        counted = f"(select{source(self.row, self.conditions)} limit {COUNT_CAP + 1}) c"
        count = f"least(count(*), {COUNT_CAP})::text" if name == "totalCount" else f"(count(*) > {COUNT_CAP})::text"
        return (Sql(f"(select {count} from {counted})"),)

    def _page_info(self, name: str) -> Json:
        made: Mapping[str, Callable[[], Json]] = {
            "__typename": lambda: ('"PageInfo"',),
            "hasNextPage": lambda: (Sql("a.more::text"),),
            "hasPreviousPage": lambda: (
                "true" if self.after is not None and self.after.value is not None else "false",
            ),
            "startCursor": lambda: unless_null("a.max", self._cursor("a.max")),
            "endCursor": lambda: unless_null("a.min", self._cursor("a.min")),
        }
        return made[name]()

    def _row(self, nodes: list[FieldNode]) -> Json:
        name = nodes[0].name.value
        if name == "nodes":
            return _Entry(self.writer, self.row).write(nodes)
        fields = self.writer.selections.below("AuditEdge", nodes)
        return record((key, self._edge(below)) for key, below in fields.items())

    def _edge(self, nodes: list[FieldNode]) -> Json:
        name = nodes[0].name.value
        if name == "node":
            return _Entry(self.writer, self.row).write(nodes)
        return ('"AuditEdge"',) if name == "__typename" else self._cursor(f"{self.row.alias}.sequence")

    def _cursor(self, sequence: str) -> Json:
        """Sealed in Python: PostgreSQL has no cipher of its own."""
        return marks.computed(self.writer.made(_CURSOR), [sequence])


@dataclass
class _Entry:
    """An entry as the viewer may see it."""

    writer: Writer
    row: Row

    def write(self, nodes: list[FieldNode]) -> Json:
        """The object of the entry."""
        fields = self.writer.selections.below("AuditEntry", nodes)
        return record((key, self._field(below)) for key, below in fields.items())

    def _field(self, nodes: list[FieldNode]) -> Json:
        name, alias = nodes[0].name.value, self.row.alias
        if name in _NAMED:
            target, column = _NAMED[name]
            fields = self.writer.selections.below(target.__name__, nodes)
            named = Row(target, self.writer.alias("e"))
            return self.writer.found(target.__name__, named, f"{alias}.{column}", fields)
        if name in _WHOLE:
            return self._whole(_WHOLE[name].format(alias))
        if name == "changes":
            return self._changes(nodes)
        if name == "bySystem":
            return (Sql(f"({alias}.actor_id is null)::text"),)
        return ('"AuditEntry"',) if name == "__typename" else shown(self.row, name)

    def _whole(self, value: str) -> Json:
        """For those who see the whole trail. It would tell the others how much they do not see."""
        tenant = Row(cast("scope.Model", models.Tenant), "w")
        held = self.writer.rules.covers(tenant, Permission.VIEW_ACCESS, self.writer.shape, self.writer.parameters)
        return NULL if held == scope.FALSE else (Sql(f"case when {held} then {value} else 'null' end"),)

    def _changes(self, nodes: list[FieldNode]) -> Json:
        """What there was before, then what is new, each in the order it is kept."""
        alias, change = self.row.alias, self.writer.alias("c")
        before, after = (f"coalesce({alias}.{one}, '{{}}')" for one in ("before", "after"))
        rows = (
            f"(select 1 as side, place, key, value as before, {after} -> key as after"
            f" from jsonb_each({before}) with ordinality one(key, value, place)"
            f" union all select 2, place, key, null, value from jsonb_each({after}) with ordinality"
            f" one(key, value, place) where not jsonb_exists({before}, key)) {change}"
        )
        fields = self.writer.selections.below("AuditChange", nodes)
        made = record((key, self._change(change, below[0].name.value)) for key, below in fields.items())
        return listed(made, f" from {rows}", f" order by {change}.side, {change}.place")

    def _change(self, change: str, name: str) -> Json:
        if name == "__typename":
            return ('"AuditChange"',)
        return escaped(f"{change}.key") if name == "field" else self._text(f"{change}.{name}")

    def _text(self, value: str) -> Json:
        """A value as text: a row by its id, to those who see it; a list as JSON without spaces."""
        kind = f"jsonb_typeof({value})"
        items = f"(select string_agg(one::text, ',') from jsonb_array_elements({value}) one)"
        known = " ".join(f"when '{name}' then {self._referred(model, value)}" for name, model in REFERRED.items())
        said = (
            f"case {kind} when 'string' then to_json({value} #>> '{{}}')::text"
            f" when 'object' then case {value} ->> 'type' {known} end"
            f" when 'array' then to_json(concat('[', {items}, ']'))::text"
            f" when 'null' then 'null' else to_json({value}::text)::text end"
        )
        return (Sql(f"coalesce({said}, 'null')"),)

    def _referred(self, model: Any, value: str) -> str:
        """The id of a row, if it is seen."""
        predicate, row = self.writer.visible(Row(model, self.writer.alias("r")))
        key = f"{row.alias}.id = ({value} ->> 'id')::uuid"
        conditions = [f"{row.alias}.tenant_id = {self.writer.parameters.tenant}", key, predicate]
        return f"(select {joined(identifier(PREFIXES[model], row.alias))}{source(row, conditions)})"


_NAMED: Mapping[str, tuple[type[models.TenantRow], str]] = {
    "actor": (models.User, "actor_id"),
    "user": (models.User, "user_id"),
    "organization": (models.Organization, "organization_id"),
    "site": (models.Site, "site_id"),
}
_WHOLE: Mapping[str, str] = {
    "sequence": "{}.sequence::text",
    "hash": joined(quoted("encode({}.hash, 'hex')")),
    "previousHash": joined(quoted("encode({}.previous_hash, 'hex')")),
}
