"""What can be paged through: which rows, in which orders, through which filters. Plain data for both executors."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, func, or_

import models
from auth.permissions import Permission


class Column(Protocol):
    """A mapped column of a model. By SQLAlchemy's own class it would be a descriptor of the dataclasses below."""

    @property
    def key(self) -> str: ...

    @property
    def property(self) -> Any: ...


@dataclass(frozen=True)
class Order:
    """One way to sort: by a column, then by id. ``absent`` is what a null counts as; without it there may be none."""

    column: Column
    descending: bool = False
    requires: Permission | None = None
    absent: Any = None

    def __post_init__(self) -> None:
        if self.column.property.columns[0].nullable and self.absent is None:
            raise TypeError(f"{self.column} may be null: say what a null counts as")

    def key(self, table: FromClause) -> ColumnElement[Any]:
        """What the rows of ``table`` are compared by."""
        value = table.c[self.column.key]
        return value if self.absent is None else func.coalesce(value, self.absent)

    @property
    def kind(self) -> type:
        """The Python type of what rows are compared by."""
        return self.column.property.columns[0].type.python_type

    def value(self, row: Any) -> Any:
        """What a row that was read is compared by."""
        value = getattr(row, self.column.key)
        return self.absent if value is None else value


class Test(enum.Enum):
    """How a filter's value is compared with its column."""

    ONE_OF = "one_of"
    BETWEEN = "between"
    CONTAINS = "contains"
    SINCE = "since"
    BEFORE = "before"
    IS = "is"
    ABSENT = "absent"


@dataclass(frozen=True)
class Filter:
    """One argument of a filter: a test against one column, or against any of several."""

    test: Test
    columns: tuple[Column, ...]
    requires: Permission | None = None


class Archived(enum.Enum):
    """Whether archived rows are listed."""

    EXCLUDE = "EXCLUDE"
    INCLUDE = "INCLUDE"
    ONLY = "ONLY"


@dataclass(frozen=True)
class Relation:
    """Rows of ``model`` under a parent row, or all of the tenant's if ``parent`` is None.

    ``match`` are further conditions that always hold, as column name and value.
    """

    model: type[models.TenantRow]
    orders: Mapping[str, Order]
    default_order: str
    filters: Mapping[str, Filter]
    parent: Column | None = None
    match: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def key(self) -> str:
        """What cursors are bound to beside the order and the viewer."""
        parent = self.parent.key if self.parent is not None else "*"
        return f"{self.model.__name__}.{parent}"


@dataclass(frozen=True)
class Range:
    """From (included) and to (excluded); either may be open."""

    start: Any = None
    end: Any = None


def condition(one: Filter, table: FromClause, value: Any) -> ColumnElement[bool]:
    """The SQL of a filter with its value."""
    return or_(*(_test(one.test, table.c[column.key], value) for column in one.columns))


def _test(test: Test, column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    if test is Test.ONE_OF:
        return column.in_(list(value))
    if test is Test.BETWEEN:
        return _between(column, value)
    if test is Test.CONTAINS:
        return func.lower(column).like(liked(value), escape="/")
    if test in (Test.SINCE, Test.BEFORE):
        return column >= value if test is Test.SINCE else column < value
    if test is Test.ABSENT:
        return column.is_(None) if value else column.is_not(None)
    return column.is_(value)


def liked(text: str) -> str:
    """The pattern that finds ``text`` anywhere, whatever its case; its own wild cards mean themselves."""
    escaped = text.lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{escaped}%"


def _between(column: ColumnElement[Any], value: Range) -> ColumnElement[bool]:
    at_least = column >= value.start if value.start is not None else column.is_not(None)
    below = column < value.end if value.end is not None else column.is_not(None)
    return at_least & below
