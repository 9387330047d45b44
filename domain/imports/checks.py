"""What can only be found with the database at hand: references, names that are taken, and the rules of the domain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, exists, func, null, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from domain.editing import camel
from domain.imports.plan import Plan, place_columns
from domain.imports.problems import Problems
from domain.imports.tables import Parents
from domain.refusals import Refused
from models import Organization
from models.organization import folded

Sql = ColumnElement[Any]
_ABREAST = 500


async def look(session: AsyncSession, plan: Plan, problems: Problems) -> None:
    """Add all that is wrong with the planned rows to ``problems``."""
    await _twice(session, plan, problems)
    await _unknown(session, plan, problems)
    await _fixed(session, plan, problems)
    for column, code in plan.kind.unique.items():
        await _taken(session, plan, problems, column, code)
    await _unruly(session, plan, problems)
    if plan.kind.references:
        await _unadmitted(session, plan, problems)


async def _note(
    session: AsyncSession, problems: Problems, query: Any, code: str, text: str, column: str | None = None
) -> None:
    """Add a problem for each (row, value) of the query, or (row, value, column)."""
    if problems.room:
        for one in await session.execute(query.limit(problems.room)):
            found: Any = one
            shown = None if found[1] is None else str(found[1])
            problems.add(code, text, row=found[0], column=column or found[2], value=shown)


async def _twice(session: AsyncSession, plan: Plan, problems: Problems) -> None:
    rows = plan.staged.c
    earlier = func.row_number().over(partition_by=rows.external_id, order_by=rows.row)
    counted = select(rows.row, rows.external_id, earlier.label("time")).subquery()
    query = select(counted.c.row, counted.c.external_id).where(counted.c.time > 1).order_by(counted.c.row)
    await _note(session, problems, query, "DUPLICATE_EXTERNAL_ID", "An earlier row has this id.", "external_id")


async def _unknown(session: AsyncSession, plan: Plan, problems: Problems) -> None:
    rows = plan.planned.c
    for name, reference in plan.kind.references.items():
        named = rows[f"named_{name}"]
        query = select(rows.row, named).where(named.is_not(None), rows[f"{name}_id"].is_(None)).order_by(rows.row)
        text = f"There is no {reference.model.__name__.lower()} with this external id."
        await _note(session, problems, query, "REFERENCE_NOT_FOUND", text, name)


async def _fixed(session: AsyncSession, plan: Plan, problems: Problems) -> None:
    """What an import cannot change about a record that exists."""
    rows = plan.planned.c
    moved = select(rows.row, null(), rows.moved).where(rows.moved.is_not(None)).order_by(rows.row)
    await _note(session, problems, moved, "REFERENCE_FIXED", "The record exists and belongs elsewhere.")
    if plan.kind.over:
        over = and_(rows.changed, rows.old_status.in_(plan.kind.over))
        query = select(rows.row, rows.old_status).where(over).order_by(rows.row)
        await _note(session, problems, query, "INVALID_TRANSITION", "What has ended cannot be changed.", "status")


async def _taken(session: AsyncSession, plan: Plan, problems: Problems, column: str, code: str) -> None:
    """Values only one record may have: those of earlier rows of the file, and those of other records."""
    if column not in plan.written:
        return
    rows, table = plan.planned.c, plan.kind.table.alias("other")
    form: Any = folded if plan.kind.model is Organization else _as_it_is
    earlier = func.row_number().over(partition_by=form(rows[column]), order_by=rows.row)
    counted = select(rows.row, rows[column].label("value"), earlier.label("time")).subquery()
    query = select(counted.c.row, counted.c.value).where(counted.c.time > 1).order_by(counted.c.row)
    await _note(session, problems, query, code, "An earlier row has this.", column)
    tenant = table.c.tenant_id == func.current_setting("app.tenant").cast(table.c.tenant_id.type)
    same = and_(tenant, form(table.c[column]) == form(rows[column]), table.c.id != rows.id)
    if plan.kind.model is Organization:
        same = and_(same, table.c.archived_at.is_(None))
    touched = or_(rows.is_new, rows.changed)
    query = select(rows.row, rows[column]).where(touched, exists().where(same)).order_by(rows.row)
    await _note(session, problems, query, code, "Another record has this already.", column)


async def _unruly(session: AsyncSession, plan: Plan, problems: Problems) -> None:
    """The rule about several columns of one row, told by the domain itself."""
    kind, rows = plan.kind, plan.planned.c
    if not set(kind.ruled) & set(plan.written):
        return
    old = kind.table.alias("old")
    columns = [
        type_coerce(rows[name] if name in plan.written else old.c[name], kind.columns[name].type).label(name)
        for name in kind.ruled
    ]
    joined = plan.planned.outerjoin(old, and_(old.c.tenant_id == _tenant(), old.c.id == rows.id))
    query = select(rows.row, *columns).select_from(joined).where(or_(rows.is_new, rows.changed)).order_by(rows.row)
    async for found in await session.stream(query.execution_options(yield_per=_ABREAST)):
        try:
            kind.rule(found)
        except Refused as refusal:
            problems.add(refusal.code, str(refusal), row=found.row, column=_column(kind.ruled, refusal))


async def _unadmitted(session: AsyncSession, plan: Plan, problems: Problems) -> None:
    """The rules about what a new row refers to, asked once for all rows that refer to the same."""
    refused = [(key, refusal) async for key, refusal in _refusals(session, plan)]
    rows = plan.planned.c
    for key, refusal in refused:
        alike = [rows[name].is_not_distinct_from(value) for name, value in key.items()]
        column = _column(tuple(plan.kind.references), refusal)
        value = rows[f"named_{column}"] if column in plan.kind.references else null()
        query = select(rows.row, value).where(rows.is_new, *alike).order_by(rows.row)
        await _note(session, problems, query, refusal.code, str(refusal), column)


async def _refusals(session: AsyncSession, plan: Plan) -> AsyncIterator[tuple[dict[str, Any], Refused]]:
    kind, rows = plan.kind, plan.planned.c
    keys = [*place_columns(kind), *(["status"] if "status" in rows else [])]
    whole = [rows[f"{name}_id"].is_not(None) for name, reference in kind.references.items() if reference.needed]
    groups = select(*(rows[name] for name in keys)).where(rows.is_new, *whole).distinct().subquery()
    models = {"organization": Organization} | {name: one.model for name, one in kind.references.items()}
    parents: dict[str, Any] = {name: aliased(model) for name, model in models.items()}
    query = select(groups, *parents.values()).select_from(groups)
    for name, parent in parents.items():
        query = query.outerjoin(parent, and_(parent.tenant_id == _tenant(), parent.id == groups.c[f"{name}_id"]))
    async for found in await session.stream(query.execution_options(yield_per=_ABREAST)):
        key = dict(zip(keys, found, strict=False))
        entities = cast("Parents", dict(zip(parents, found[len(keys) :], strict=True)))
        try:
            kind.admits(entities, key.get("status", ""))
        except Refused as refusal:
            yield key, refusal


def _as_it_is(value: Sql) -> Sql:
    return value


def _tenant() -> Sql:
    return func.current_setting("app.tenant").cast(Organization.tenant_id.type)


def _column(among: tuple[str, ...], refusal: Refused) -> str | None:
    """The column of the file that the domain names as a field of its input."""
    field = (refusal.field or "").removesuffix("Id")
    return next((name for name in among if camel(name) == field), among[0] if among else None)
