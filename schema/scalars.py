"""Scalars that refuse nonsense: no NaN, no naive time, no number written as a float."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.types.scalar import ScalarDefinition

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_decimal(value: Any) -> Decimal:
    """A decimal written as a string, or as an integer; at most 18 digits before and 6 behind the point."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise ValueError('A Decimal is a string such as "12.50".')
    return Decimal(text)


def parse_instant(value: Any) -> datetime:
    """An ISO 8601 instant with its offset; kept in UTC."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError('A DateTime is an instant such as "2026-07-02T16:30:00Z".')
    return datetime.fromisoformat(value).astimezone(UTC)


def parse_date(value: Any) -> date:
    """An ISO 8601 calendar date."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError('A Date is a day such as "2026-07-02".')
    return date.fromisoformat(value)


def format_instant(value: datetime) -> str:
    """``2026-07-02T16:30:00.123456Z``: UTC, always with six digits, as PostgreSQL's to_char gives it."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def format_decimal(value: Decimal) -> str:
    """Plain digits, with the scale of the column."""
    return f"{value:f}"


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number, written as a string.",
        serialize=format_decimal,
        parse_value=parse_decimal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, ISO 8601 with six digits of the second.",
        serialize=format_instant,
        parse_value=parse_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date without a time zone, ISO 8601.",
        serialize=date.isoformat,
        parse_value=parse_date,
    ),
}
