"""The values of fields, by where they come from: one function for each kind of source a field can be declared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, DateTime, Numeric

from compiler import marks, scope
from compiler.lists import connection
from compiler.plan import NotCompiled
from compiler.scope import Row
from compiler.write import Asked, Write, Writer, record, source
from domain.editing import camel
from resolvers.ids import PREFIXES
from schema.declaration import TYPES, Column, Computed, ConnectionTo, Edge, Embedded, MoneyColumns, Only

# The same text as the scalar makes: UTC with six digits of the second.
INSTANT = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def _column(_: Writer, asked: Asked, one: Column) -> str:
    return shown(asked.row, one.name or asked.name)


def _money(writer: Writer, asked: Asked, one: MoneyColumns) -> str:
    amount = f"{asked.row.alias}.{one.amount}"
    parts = {
        "amount": f"{amount}::text",
        "currencyCode": f"{asked.row.alias}.{one.currency}",
        "__typename": "'Money'::text",
    }
    fields = writer.selections.below("Money", asked.nodes)
    money = record([(key, parts[below[0].name.value]) for key, below in fields.items()])
    return f"case when {amount} is not null then {money} end"


def _embedded(writer: Writer, asked: Asked, _: Embedded) -> str:
    target = writer.type_below(asked.type_name, asked.nodes[0])[1]
    return writer.record(target, asked.row, writer.selections.below(target, asked.nodes))


def _edge(writer: Writer, asked: Asked, one: Edge) -> str:
    model: Any = TYPES[one.target].model
    facts = scope.of_target(asked.row, one.column, model)
    target = Row(model, writer.alias("e"), facts)
    fields = writer.selections.below(one.target, asked.nodes)
    return writer.found(one.target, target, f"{asked.row.alias}.{one.column}", fields)


def _connection(writer: Writer, asked: Asked, one: ConnectionTo) -> str:
    arguments = writer.arguments(asked.type_name, asked.nodes[0])
    fields = writer.selections.below(f"{one.target}Connection", asked.nodes)
    return connection(writer, one.target, one.relation, arguments, fields, asked.row)


def _only(writer: Writer, asked: Asked, one: Only) -> str:
    """As ordinary execution reads it: the first of the living rows, should there ever be two."""
    parent, model, alias = one.relation.parent, one.relation.model, writer.alias("u")
    assert parent is not None
    facts = scope.of_child(asked.row, model, parent.key)
    predicate, target = writer.visible(Row(model, alias, facts))
    conditions = [f"{alias}.tenant_id = {writer.parameters.tenant}", f"{alias}.{parent.key} = {asked.row.alias}.id"]
    rows = source(target, [*conditions, f"{alias}.archived_at is null", predicate])
    order = one.relation.orders[one.relation.default_order].column.key
    fields = writer.selections.below(one.target, asked.nodes)
    return writer.record(one.target, target, fields, f"{rows} order by {alias}.{order}, {alias}.id limit 1")


def _computed(writer: Writer, asked: Asked, one: Computed) -> str:
    row = asked.row
    if asked.name == "id":
        return f"'{PREFIXES[row.model]}_' || replace({row.alias}.id::text, '-', '')"
    if asked.name == "viewer_permissions":
        return _permissions(writer, row)
    if not one.columns:
        raise NotCompiled(f"{asked.type_name}.{camel(asked.name)}")
    writer.computed.append(one)
    columns = [f"{row.alias}.{name}" for name in one.columns]
    return marks.computed(len(writer.computed) - 1, columns)


def _permissions(writer: Writer, row: Row) -> str:
    """Every right at the row's place: one list for all rows if the viewer's one place covers them all."""
    reach = writer.shape.reaches[0] if writer.shape.reaches else None
    known = reach is not None and (reach.tenant or scope.is_covered(row, 0))
    if writer.shape.uniform and known:
        return writer.parameters.bind("permissions", "json", lambda call: call.uniform_permissions())
    return marks.permissions_at(row.organization, row.site)


def shown(row: Row, name: str) -> str:
    """A column as its scalar shows it."""
    kind = row.model.__table__.c[name].type
    value = f"{row.alias}.{name}"
    if isinstance(kind, DateTime):
        return INSTANT.format(value)
    if isinstance(kind, Numeric):
        return f"{value}::text"
    return f"to_json({value})" if isinstance(kind, ARRAY) else value


SOURCES: Mapping[type, Write] = {
    Column: _column,
    MoneyColumns: _money,
    Embedded: _embedded,
    Edge: _edge,
    ConnectionTo: _connection,
    Only: _only,
    Computed: _computed,
}
"""Every kind of source."""
