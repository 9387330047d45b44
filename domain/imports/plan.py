"""What is to become of each staged row, worked out by the database for all rows at once.

Two tables that end with the transaction: ``staged`` holds the file, ``planned`` what follows from it and from the rows
there are: new, changed or the same, with references resolved and the changes as the log keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Enum,
    FromClause,
    Insert,
    Integer,
    MetaData,
    Numeric,
    Select,
    String,
    Subquery,
    Table,
    Uuid,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from domain.imports.tables import Kind
from models import Organization

Sql = ColumnElement[Any]


@dataclass(frozen=True)
class Plan:
    """The two tables of one import and the statement that fills the second."""

    kind: Kind
    staged: Table
    planned: Table
    filling: Insert
    written: Sequence[str]
    """The value columns that new rows take."""
    updated: Sequence[str]
    """Those of them that existing rows take too."""


def plan(kind: Kind, columns: Sequence[str], tenant_id: Any) -> Plan:
    """The plan for a file with these staged columns."""
    written = [name for name in kind.columns if name in columns or (name == "reference" and kind.reference_prefix)]
    updated = [name for name in written if name not in kind.initial]
    tables = MetaData()
    staged = Table("import_staged", tables, *(_staged(kind, name) for name in columns), prefixes=["temporary"])
    planned = Table("import_planned", tables, *_planned(kind, columns, written), prefixes=["temporary"])
    merged = _merged(kind, staged, written, tenant_id)
    query = _judged(kind, merged, updated, columns)
    filling = planned.insert().from_select([column.name for column in planned.c], query)
    return Plan(kind, staged, planned, filling, written, updated)


def place_columns(kind: Kind) -> list[str]:
    """The keys of other rows that a row of this kind holds."""
    references = [name for name in kind.references if f"{name}_id" in kind.table.c]
    return list(dict.fromkeys(["organization_id", *(f"{name}_id" for name in references)])) if references else []


def _staged(kind: Kind, name: str) -> Column[Any]:
    if name == "row":
        return Column(name, Integer)
    if name in ("new_id", "party_id"):
        return Column(name, Uuid)
    if name not in kind.columns:
        return Column(name, String)
    told = _plain(kind.columns[name].type)
    # A time without an offset waits for the time zone of its site.
    return Column(name, String() if isinstance(told, DateTime) else told)


def _plain(told: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type without the checks of an enumeration."""
    if isinstance(told, ARRAY):
        return ARRAY(String())
    return String() if isinstance(told, Enum) else told


def _planned(kind: Kind, columns: Sequence[str], written: Sequence[str]) -> list[Column[Any]]:
    parties = [Column("party_id", Uuid)] if "party_id" in columns else []
    return [
        *(Column("row", Integer), Column("id", Uuid), Column("version", Integer), Column("is_new", Boolean)),
        *(Column("changed", Boolean), Column("old_status", String), Column("moved", String), Column("changes", JSONB)),
        *parties,
        *(Column(f"named_{name}", String) for name in kind.references),
        *(Column(name, Uuid) for name in place_columns(kind)),
        *(Column(name, _plain(kind.columns[name].type)) for name in written),
    ]


def _merged(kind: Kind, staged: Table, written: Sequence[str], tenant_id: Any) -> Subquery:
    """Each staged row beside the row there is (``old_``) and the rows it refers to."""
    old = kind.table.alias("old")
    parents = {name: reference.model.__table__.alias(name) for name, reference in kind.references.items()}
    joined: FromClause = staged.outerjoin(old, _is(old, staged.c.external_id, tenant_id))
    for name, parent in parents.items():
        named = staged.c[name] if name in staged.c else null()
        joined = joined.outerjoin(parent, _is(parent, named, tenant_id))
    zone = parents["site"].c.time_zone if "site" in parents else literal("UTC")
    keys = _keys(parents) if parents else {}
    return (
        select(
            *(column for column in staged.c if column.name in ("row", "party_id")),
            func.coalesce(old.c.id, staged.c.new_id).label("id"),
            (func.coalesce(old.c.version, 0) + 1).label("version"),
            old.c.id.is_(None).label("is_new"),
            *(_given(staged, name).label(f"named_{name}") for name in parents),
            *(key.label(name) for name, key in keys.items()),
            *(old.c[name].label(f"old_{name}") for name in (*keys, *written, *_status(kind, written))),
            *(_value(kind, staged, old, name, zone).label(name) for name in written),
        )
        .select_from(joined)
        .subquery("merged")
    )


def _status(kind: Kind, written: Sequence[str]) -> list[str]:
    return ["status"] if "status" in kind.table.c and "status" not in written else []


def _is(table: FromClause, external_id: Sql, tenant_id: Any) -> Sql:
    return and_(table.c.tenant_id == tenant_id, table.c.external_id == external_id)


def _given(staged: Table, name: str) -> Sql:
    return staged.c[name] if name in staged.c else cast(null(), String)


def _keys(parents: Mapping[str, FromClause]) -> dict[str, Sql]:
    """The keys a row holds; its organization is the one it names, or its site's."""
    organization = parents["organization"].c.id if "organization" in parents else parents["site"].c.organization_id
    own = {f"{name}_id": parent.c.id for name, parent in parents.items() if name != "organization"}
    return {"organization_id": organization, **own}


def _value(kind: Kind, staged: Table, old: FromClause, name: str, zone: Sql) -> Sql:
    """What the row is to hold. An empty cell empties what can be; elsewhere the value stays, or is the default."""
    column = kind.columns[name]
    told = _plain(column.type)
    given = _given(staged, name)
    if isinstance(told, DateTime):
        given = _instant(given, zone)
    if name == "reference":
        return func.coalesce(given, old.c.reference, staged.c.made_reference)
    if column.nullable:
        return given
    return func.coalesce(given, cast(old.c[name], told), _default(column, told))


def _default(column: Column[Any], told: TypeEngine[Any]) -> Sql:
    value = getattr(column.default, "arg", None)
    return cast(literal([], told), told) if callable(value) else literal(value, told)


def _instant(given: Sql, zone: Sql) -> Sql:
    local = func.timezone(zone, cast(given, DateTime(timezone=False)))
    return case((given.like("%+00:00"), cast(given, DateTime(timezone=True))), else_=local)


def _judged(kind: Kind, merged: Subquery, updated: Sequence[str], columns: Sequence[str]) -> Select[Any]:
    """The merged rows with what distinguishes them from the old ones."""
    row = merged.c
    differing = [row[f"old_{name}"].is_distinct_from(row[name]) for name in updated]
    changed = and_(~row.is_new, or_(false(), *differing))
    return select(
        *(row.row, row.id, row.version, row.is_new, changed),
        row.old_status if "old_status" in row else cast(null(), String),
        _moved(kind, row, columns),
        case((changed, _changes(row, updated)), else_=literal({}, JSONB())),
        *([row.party_id] if "party_id" in columns else []),
        *(row[f"named_{name}"] for name in kind.references),
        *(row[name] for name in place_columns(kind)),
        *(row[name] for name in kind.columns if name in row),
    )


def _moved(kind: Kind, row: Any, columns: Sequence[str]) -> Sql:
    """The column by which the file puts an existing row elsewhere; a name that is unknown is told as such."""
    cases = [
        (
            and_(
                ~row.is_new,
                row[f"old_{name}_id"].is_distinct_from(row[f"{name}_id"]),
                or_(row[f"named_{name}"].is_(None), row[f"{name}_id"].is_not(None)),
            ),
            name,
        )
        for name in kind.references
        if name in columns
    ]
    return case(*cases, else_=None) if cases else cast(null(), String)


def _changes(row: Any, updated: Sequence[str]) -> Sql:
    """Column by column, [before, after], spelled as the log spells values."""
    nothing = literal({}, JSONB())

    def change(name: str) -> Sql:
        old, new = row[f"old_{name}"], row[name]
        pair = func.jsonb_build_array(_logged(old), _logged(new))
        said = func.jsonb_build_object(cast(literal(name), String), pair)
        return case((old.is_distinct_from(new), said), else_=nothing)

    return reduce(lambda left, right: left.concat(right), map(change, updated), nothing)


def _logged(value: Sql) -> Sql:
    return cast(value, String) if isinstance(value.type, Numeric) else value


def organization_of(kind: Kind, planned: Table) -> Sql:
    """The organization a planned row belongs to; an organization belongs to itself."""
    return planned.c.id if kind.model is Organization else planned.c.organization_id
