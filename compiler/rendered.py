"""Conditions and values that are declared as expressions, as text over the alias of a row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, literal_column, select
from sqlalchemy.dialects import postgresql


def rendered(said: ColumnElement[Any], *tables: FromClause) -> str:
    """The text of an expression over ``tables``; whatever else it reads, it names in statements of its own."""
    one: ColumnElement[Any] = literal_column("1")
    query = select(one).select_from(*tables).where(said)
    compiled = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    # What is asked of the select list would be given a name; of a condition it is the bare expression.
    _, _, text = str(compiled).partition(" \nWHERE ")
    return " ".join(text.split())
