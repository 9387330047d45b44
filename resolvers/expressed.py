"""Computed values as SQL makes them of a row: for whoever answers everything in one statement.

Each stands beside the function that ordinary execution makes the same value with, and where that asks the database,
both say the same condition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from auth.permissions import Permission


@dataclass(frozen=True)
class ForHolders:
    """A value is for those who hold ``permission`` in the row's whole organization; the others are told ``others``."""

    permission: Permission
    others: bool | str


@dataclass(frozen=True)
class Expressed:
    """``value`` makes the expression of the row's table; its type says how it is shown, a text may be null."""

    value: Callable[[FromClause], ColumnElement[Any]]
    only: ForHolders | None = None
