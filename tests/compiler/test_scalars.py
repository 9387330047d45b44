"""Every scalar at its edges, against values written down here and not by either executor."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from sqlalchemy import Numeric

import models
from auth.scope import VISIBILITY, Own
from resolvers.ids import PREFIXES, encode
from schema.declaration import TYPES, Column
from tests.compiler.arena import Arena, Case, answered
from tests.compiler.literals import camel

KINDS = [one.name for one in TYPES.values() if one.is_node and one.model is not models.Tenant]


def shown(value: Any, scale: int | None) -> Any:
    if isinstance(value, datetime):
        day = f"{value.year:04}-{value.month:02}-{value.day:02}"
        return f"{day}T{value.hour:02}:{value.minute:02}:{value.second:02}.{value.microsecond:06}Z"
    if isinstance(value, date):
        return f"{value.year:04}-{value.month:02}-{value.day:02}"
    if isinstance(value, Decimal):
        return f"{value.quantize(Decimal(1).scaleb(-(scale or 0)), ROUND_HALF_UP):f}"
    if isinstance(value, list):
        return [shown(one, scale) for one in value]
    return getattr(value, "value", value)


def scale_of(model: Any, column: str) -> int | None:
    kind = model.__table__.c[column].type
    return kind.scale if isinstance(kind, Numeric) else None


def asked_by(arena: Arena, model: Any, rows: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Who can see which rows: the administrator all of them, but for what only its owner sees."""
    own = all(isinstance(one, Own) for one in VISIBILITY[model])
    names = {one.user_id: one.name for one in reversed(arena.viewers)}
    asked: dict[str, list[str]] = {}
    for id, row in rows.items():
        asked.setdefault(names[row["user_id"]] if own else "administrator", []).append(id)
    return asked


@pytest.mark.parametrize("kind", KINDS)
async def test_every_column_of_every_row(executors: Arena, kind: str) -> None:
    declared = TYPES[kind]
    model: Any = declared.model
    sources = {name: one.source for name, one in declared.fields.items()}
    columns = {name: one.name or name for name, one in sources.items() if isinstance(one, Column)}
    # What the database fills in is not known here.
    columns = {name: column for name, column in columns.items() if column not in ("version", "updated_at")}
    rows = {encode(model, row["id"]): row for row in executors.companies[0].rows[model]}
    asked = " ".join(map(camel, columns))
    text = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ id ... on {kind} {{ {asked} }} }} }}"
    found: list[Any] = []
    for viewer, ids in asked_by(executors, model, rows).items():
        for start in range(0, len(ids), 100):
            case = Case(text, {"ids": ids[start : start + 100]}, None, executors.viewer(viewer))
            found += (await answered(executors.compiled, case))["data"]["nodes"]
    assert {one["id"] for one in found} == rows.keys()
    assert rows
    for one in found:
        row = rows[one["id"]]
        expected = {camel(name): shown(row[column], scale_of(model, column)) for name, column in columns.items()}
        assert one == {"id": one["id"], **expected}


async def test_money(executors: Arena) -> None:
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Job { cost { amount currencyCode } } } }"
    rows = executors.companies[0].rows[models.Job][:100]
    ids = [encode(models.Job, row["id"]) for row in rows]
    answer = await answered(executors.compiled, Case(text, {"ids": ids}, None, executors.viewer("administrator")))
    assert answer["data"]["nodes"] == [
        {"cost": None if row["cost"] is None else {"amount": shown(row["cost"], 2), "currencyCode": row["currency"]}}
        for row in rows
    ]


async def test_the_rows_hold_the_edges(executors: Arena) -> None:
    rows = [row for kept in executors.companies[0].rows.values() for row in kept]
    values = [value for row in rows for value in row.values() if not isinstance(value, list)]
    times = {value for value in values if isinstance(value, datetime)}
    assert {1, 999, 9999} <= {value.year for value in times}
    assert any(value.microsecond == 1 for value in times)
    assert any(value.year == 1969 for value in times)
    texts = [value for value in values if isinstance(value, str)]
    for part in ("\x07", "\t", "\u2028", "🏗️", "\\", '"', "'", "mark-", "e\u0301"):
        assert any(part in text for text in texts)
    assert set(PREFIXES) - {models.Tenant} <= set(executors.companies[0].rows)
