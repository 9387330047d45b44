"""From the text of a cell to what COPY writes: the column's type first, then the very check the mutations use."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, cast

from sqlalchemy import ARRAY, Column, Date, DateTime, Enum, Integer, Numeric
from sqlalchemy.types import TypeEngine

from domain.imports.sheet import CELL_ERROR, NOT_COMPUTED
from domain.refusals import Invalid
from domain.values import Check

NULL = r"\N"
Convert = Callable[[str], str]
Moment = TypeVar("Moment", date, datetime)

_GERMAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)")
_SPECIAL = re.compile(r"[\\\n\r\t]")
_ESCAPED = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
# Cells repeat: what was converted once need not be checked again. Long texts do not repeat, they only fill memory.
_REMEMBERED, _SHORT = 4096, 48


def converter(column: Column[Any], check: Check, *, decimal_mark: str) -> Convert:
    """What turns a cell of this column into the text that COPY takes; it raises Invalid.

    An empty cell means "none", where the column can hold that; elsewhere it leaves the value that is there.
    """
    return remembering(_reader(column.type, decimal_mark), check, needed=is_needed(column))


def remembering(read: Callable[[str], Any], check: Check, *, needed: bool) -> Convert:
    """Read, check and write a cell, but the same cell only once."""
    known: dict[str, str] = {}

    def made_of(cell: str) -> str:
        text = cell.strip()
        if not text and needed:
            raise Invalid("This is needed.", code="REQUIRED")
        _refuse_marks(text)
        return written(check(read(text))) if text else NULL

    def convert(cell: str) -> str:
        made = known.get(cell)
        if made is None:
            made = made_of(cell)
            if len(known) < _REMEMBERED and len(cell) <= _SHORT:
                known[cell] = made
        return made

    return convert


def is_needed(column: Column[Any]) -> bool:
    """Whether a row cannot be without a value here: neither null nor a default will do."""
    return not (column.nullable or column.default is not None or column.server_default is not None)


def _refuse_marks(text: str) -> None:
    if text == CELL_ERROR:
        raise Invalid("The cell shows an error.", code="CELL_ERROR")
    if text == NOT_COMPUTED:
        raise Invalid("The cell holds a formula without a result: open and save the workbook.", code="CELL_FORMULA")


def written(value: Any) -> str:
    """A value in the text format of COPY."""
    if isinstance(value, str):
        return _SPECIAL.sub(lambda found: _ESCAPED[found[0]], value)
    if value is None:
        return NULL
    if isinstance(value, list):
        return "{" + ",".join(map(str, value)) + "}"  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return value.isoformat() if isinstance(value, date) else str(value)


def _reader(kind: TypeEngine[Any], decimal_mark: str) -> Callable[[str], Any]:
    """How the text of one type of column is read."""
    if isinstance(kind, ARRAY):
        items = cast("TypeEngine[Any]", kind.item_type)  # pyright: ignore[reportUnknownMemberType]
        member = _reader(items, decimal_mark)
        return lambda text: [member(part.strip()) for part in re.split(r"[;,|]", text) if part.strip()]
    if isinstance(kind, Enum):
        return _choice(kind.enum_class)  # pyright: ignore[reportArgumentType]
    if isinstance(kind, Integer):
        return _whole
    if isinstance(kind, Numeric):
        return lambda text: _decimal(text, decimal_mark, kind.scale or 0)
    if isinstance(kind, DateTime):
        return _instant
    return _date if isinstance(kind, Date) else str


def _choice(members: type[enum.StrEnum]) -> Callable[[str], enum.StrEnum]:
    def read(text: str) -> enum.StrEnum:
        try:
            return members(re.sub(r"[\s-]+", "_", text).upper())
        except ValueError as error:
            raise Invalid(f"This takes one of {', '.join(members)}.", code="INVALID_CHOICE") from error

    return read


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text):
        raise Invalid("This is not a whole number.", code="INVALID_NUMBER")
    return int(text)


def _decimal(text: str, mark: str, places: int) -> Decimal:
    """A plain decimal number; one that the column would have to round is refused."""
    try:
        number = Decimal(text if mark == "." else text.replace(",", ".") if "." not in text else "")
    except InvalidOperation:
        number = Decimal("NaN")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or "_" in text:
        raise Invalid("Write the number as 1234.50, without separators between thousands.", code="INVALID_NUMBER")
    if number != round(number, places):
        raise Invalid(f"This takes {places} decimals.", code="INVALID_NUMBER")
    return number


def _instant(text: str) -> datetime:
    """An instant, if an offset is given; else local time at the record's site, which is not known here."""
    read = _parsed(datetime, _reordered(text))
    if read is None:
        raise Invalid("Write the time as 2026-01-31T08:30 or 2026-01-31T08:30+01:00.", code="INVALID_TIME")
    return read.astimezone(UTC) if read.tzinfo else read


def _date(text: str) -> date:
    read = _parsed(date, _reordered(text).removesuffix("T00:00:00").removesuffix(" 00:00:00"))
    if read is None:
        raise Invalid("Write the date as 2026-01-31.", code="INVALID_DATE")
    return read


def _parsed(kind: type[Moment], text: str) -> Moment | None:
    try:
        read = kind.fromisoformat(text)
    except ValueError:
        return None
    return read if 1900 <= read.year < 2200 else None


def _reordered(text: str) -> str:
    """31.1.2026 cannot be misread and is taken; 1/2/2026 can, and is not."""
    match = _GERMAN_DATE.fullmatch(text)
    return f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}{match[4]}" if match else text
