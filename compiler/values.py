"""The values of fields, by where they come from: one function for each kind of source a field can be declared with."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import FieldNode, is_leaf_type
from sqlalchemy import Boolean, DateTime, Enum, Float, Integer, Numeric

import models
from auth.permissions import Permission
from compiler import marks, scope
from compiler.lists import connection
from compiler.plan import NotCompiled
from compiler.rendered import rendered
from compiler.scope import Row
from compiler.text import Json, Sql, escaped, found, joined, listed, nullable, quoted, record, unless_null
from compiler.write import Asked, Write, Writer, identifier, source
from domain.editing import camel
from resolvers.expressed import Expressed
from resolvers.ids import PREFIXES
from schema.declaration import TYPES, Column, Computed, ConnectionTo, Edge, Embedded, MoneyColumns, Only, Parts

# The same text as the scalar makes: UTC with six digits of the second.
INSTANT = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def _column(_: Writer, asked: Asked, one: Column) -> Json:
    return shown(asked.row, one.name or asked.name)


def _money(writer: Writer, asked: Asked, one: MoneyColumns) -> Json:
    parts = {
        "amount": shown(asked.row, one.amount, Null.KNOWN_NOT),
        "currencyCode": shown(asked.row, one.currency),
        "__typename": ('"Money"',),
    }
    fields = writer.selections.below("Money", asked.nodes)
    money = record((key, parts[below[0].name.value]) for key, below in fields.items())
    return unless_null(f"{asked.row.alias}.{one.amount}", money)


def _embedded(writer: Writer, asked: Asked, _: Embedded) -> Json:
    target = writer.type_below(asked.type_name, asked.nodes[0])[1]
    return writer.record(target, asked.row, writer.selections.below(target, asked.nodes))


def _edge(writer: Writer, asked: Asked, one: Edge) -> Json:
    model: Any = TYPES[one.target].model
    facts = scope.of_target(asked.row, one.column, model)
    target = Row(model, writer.alias("e"), facts)
    fields = writer.selections.below(one.target, asked.nodes)
    return writer.found(one.target, target, f"{asked.row.alias}.{one.column}", fields)


def _connection(writer: Writer, asked: Asked, one: ConnectionTo) -> Json:
    arguments = writer.arguments(asked.type_name, asked.nodes[0])
    fields = writer.selections.below(f"{one.target}Connection", asked.nodes)
    return connection(writer, one.target, one.relation, arguments, fields, asked.row)


def _only(writer: Writer, asked: Asked, one: Only) -> Json:
    """As ordinary execution reads it: the first of the living rows, should there ever be two."""
    parent, model, alias = one.relation.parent, one.relation.model, writer.alias("u")
    assert parent is not None
    facts = scope.of_child(asked.row, model, parent.key)
    predicate, target = writer.visible(Row(model, alias, facts))
    conditions = [f"{alias}.tenant_id = {writer.parameters.tenant}", f"{alias}.{parent.key} = {asked.row.alias}.id"]
    rows = source(target, [*conditions, f"{alias}.archived_at is null", predicate])
    order = one.relation.orders[one.relation.default_order].column.key
    fields = writer.selections.below(one.target, asked.nodes)
    return found(writer.record(one.target, target, fields), f"{rows} order by {alias}.{order}, {alias}.id limit 1")


def _parts(writer: Writer, asked: Asked, _: Parts) -> Json:
    return _objects(writer, asked.type_name, asked.nodes, f"{asked.row.alias}.{asked.name}")


def _objects(writer: Writer, type_name: str, nodes: list[FieldNode], value: str) -> Json:
    """The objects of a JSON array, with the members that are asked for."""
    target, alias = writer.type_below(type_name, nodes[0])[1], writer.alias("j")
    fields = writer.selections.below(target, nodes)
    made = record((key, _member(writer, target, below, f"{alias}.value")) for key, below in fields.items())
    rows = f"jsonb_array_elements({value}) with ordinality {alias}(value, place)"
    return listed(made, f" from {rows}", f" order by {alias}.place")


def _member(writer: Writer, type_name: str, nodes: list[FieldNode], value: str) -> Json:
    """A member of a JSON object: what is no object itself is kept as the text its scalar shows."""
    name = nodes[0].name.value
    if name == "__typename":
        return (f'"{type_name}"',)
    if is_leaf_type(writer.schema.get_type(writer.type_below(type_name, nodes[0])[1])):
        return nullable(escaped(f"{value} ->> '{name}'"))
    return _objects(writer, type_name, nodes, f"{value} -> '{name}'")


def _computed(writer: Writer, asked: Asked, one: Computed) -> Json:
    row = asked.row
    if asked.name == "id":
        return identifier(PREFIXES[row.model], row.alias)
    if asked.name == "viewer_permissions":
        return _permissions(writer, asked.type_name, row)
    if one.expressed is not None:
        return _expressed(writer, row, one.expressed)
    if not one.columns:
        raise NotCompiled(f"{asked.type_name}.{camel(asked.name)}")
    columns = [f"{row.alias}.{name}" for name in one.columns]
    return marks.computed(writer.made(marks.names(f"{asked.type_name}.{camel(asked.name)}", one)), columns)


def _expressed(writer: Writer, row: Row, one: Expressed) -> Json:
    """A computed value that SQL can make, or what is told to those it is not for."""
    if one.only is None:
        return _made(row, one)
    others: Json = (orjson.dumps(one.only.others).decode(),)
    held = _held_at_home(writer, row, one.only.permission)
    if held == scope.FALSE:
        return others
    value = _made(row, one)
    return value if held == scope.TRUE else (Sql(f"case when {held} then {joined(value)} else {joined(others)} end"),)


def _made(row: Row, one: Expressed) -> Json:
    table = row.model.__table__.alias(row.alias)
    said = one.value(table)
    text = f"({rendered(said, table)})"
    if isinstance(said.type, (Boolean, Integer)):
        return _shown(said.type, text)
    return nullable(escaped(text))


def _held_at_home(writer: Writer, row: Row, permission: Permission) -> str:
    """The predicate "the viewer holds ``permission`` in the whole organization of this row"."""
    facts = scope.of_target(row, "organization_id", models.Organization)
    home = Row(models.Organization, writer.alias("o"), facts)
    covered = writer.rules.covers(home, permission, writer.shape, writer.parameters)
    if covered in (scope.TRUE, scope.FALSE):
        return covered
    conditions = [f"{home.alias}.tenant_id = {writer.parameters.tenant}", f"{home.alias}.id = {row.organization}"]
    return f"exists (select{source(home, [*conditions, covered])})"


def _permissions(writer: Writer, type_name: str, row: Row) -> Json:
    """Every right at the row's place: one list for all rows if the viewer's one place covers them all."""
    reach = writer.shape.reaches[0] if writer.shape.reaches else None
    known = reach is not None and (reach.tenant or scope.is_covered(row, 0))
    if writer.shape.uniform and known:
        return (Sql(writer.parameters.bind("permissions", "text", lambda call: call.uniform_permissions())),)
    place = [row.organization or "null::uuid", row.site or "null::uuid"]
    return marks.computed(writer.made(marks.permissions_at(f"{type_name}.viewerPermissions")), place)


class Null(enum.Enum):
    """Whether a column's value may be null here."""

    AS_DECLARED = "as declared"
    KNOWN_NOT = "known not to be"


def shown(row: Row, name: str, null: Null = Null.AS_DECLARED) -> Json:
    """A column as its scalar shows it."""
    column = row.model.__table__.c[name]
    value = f"{row.alias}.{name}"
    json = _shown(column.type, value)
    return nullable(json) if column.nullable and null is Null.AS_DECLARED else json


def _shown(kind: Any, value: str) -> Json:
    if isinstance(kind, DateTime):
        return quoted(INSTANT.format(value))
    if isinstance(kind, Boolean):
        return (Sql(f"{value}::text"),)
    if isinstance(kind, (Integer, Float)):
        return (Sql(f"{value}::text"),)
    # Enums are words that a check of the table knows, and digits are digits.
    return quoted(f"{value}::text") if isinstance(kind, (Numeric, Enum)) else escaped(value)


SOURCES: Mapping[type, Write] = {
    Column: _column,
    MoneyColumns: _money,
    Embedded: _embedded,
    Edge: _edge,
    ConnectionTo: _connection,
    Only: _only,
    Parts: _parts,
    Computed: _computed,
}
"""Every kind of source."""
