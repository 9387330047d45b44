"""JSON as SQL writes it: pieces of text, joined by one ``concat`` an object.

PostgreSQL's own constructors look up the type of every value of every row again. Text that is put together from pieces
known beforehand costs about half as much, and a key may be as long as it likes. What a row holds is escaped by
``to_json``; nothing else may come from a caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

MOST_ARGUMENTS = 90
"""PostgreSQL's functions take a hundred at most."""


@dataclass(frozen=True)
class Sql:
    """An expression of any type whose text is a part of the JSON; it is never null unless it stands for nothing."""

    expression: str


Json = tuple[str | Sql, ...]
"""One JSON value: what is known as it is, and expressions for the rest."""

NULL: Json = ("null",)


def literal(text: str) -> str:
    """A constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def joined(value: Json) -> str:
    """The expression of type text for a whole value."""
    parts = [one if isinstance(one, Sql) else Sql(literal(one)) for one in _merged(value)]
    if all(isinstance(one, str) for one in value):
        return f"{parts[0].expression}::text"
    return _concat([one.expression for one in parts])


def _merged(value: Json) -> Iterator[str | Sql]:
    """The pieces, with constants that follow one another made one."""
    for constant, pieces in groupby(value, lambda one: isinstance(one, str)):
        if constant:
            yield "".join(str(one) for one in pieces)
        else:
            yield from pieces


def _concat(parts: list[str]) -> str:
    if len(parts) > MOST_ARGUMENTS:
        chunks = [parts[at : at + MOST_ARGUMENTS] for at in range(0, len(parts), MOST_ARGUMENTS)]
        return _concat([_concat(one) for one in chunks])
    return f"concat({', '.join(parts)})"


def record(pairs: Iterable[tuple[str, Json]]) -> Json:
    """An object of keys and values."""
    pieces: list[str | Sql] = []
    for key, value in pairs:
        pieces += [f'{"," if pieces else "{"}"{key}":', *value]
    return (*pieces, "}") if pieces else ("{}",)


def quoted(expression: str) -> Json:
    """A string that needs no escape, such as a time or a state; not null."""
    return ('"', Sql(expression), '"')


def escaped(expression: str) -> Json:
    """Whatever ``to_json`` makes of a value; not null."""
    return (Sql(f"to_json({expression})"),)


def unless_null(expression: str, value: Json) -> Json:
    """``value``, or null where ``expression`` is."""
    return (Sql(f"case when {expression} is null then 'null' else {joined(value)} end"),)


def found(value: Json, rows: str) -> Json:
    """``value`` for the row that ``rows`` (from FROM on) finds, or null if there is none."""
    return (Sql(f"coalesce((select {joined(value)}{rows}), 'null')"),)


def listed(value: Json, rows: str, order: str = "") -> Json:
    """A list of ``value`` for every row of ``rows`` (from FROM on), in their order or in the one given."""
    return ("[", Sql(f"(select string_agg({joined(value)}, ','{order}){rows})"), "]")
