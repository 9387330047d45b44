"""JSON as SQL writes it: pieces of text, one behind the other.

PostgreSQL's own constructors look up the type of every value of every row again. Text that is put together from pieces
known beforehand costs about a quarter as much, and a key may be as long as it likes. What a row holds is escaped by
``to_json``; nothing else may come from a caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

MOST_IN_A_ROW = 60
"""Longer chains of ``||`` are cut: the parser goes one level deeper for each link."""


@dataclass(frozen=True)
class Sql:
    """An expression of type text that is a part of the JSON; null makes null of all it is joined to."""

    expression: str


Json = tuple[str | Sql, ...]
"""One JSON value: what is known as it is, and expressions for the rest."""

NULL: Json = ("null",)


def literal(text: str) -> str:
    """A constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def joined(value: Json) -> str:
    """The expression of type text for a whole value."""
    parts = [one.expression if isinstance(one, Sql) else literal(one) for one in _merged(value)]
    return f"{parts[0]}::text" if all(isinstance(one, str) for one in value) else _chained(parts)


def _merged(value: Json) -> Iterator[str | Sql]:
    """The pieces, with constants that follow one another made one."""
    for constant, pieces in groupby(value, lambda one: isinstance(one, str)):
        if constant:
            yield "".join(str(one) for one in pieces)
        else:
            yield from pieces


def _chained(parts: list[str]) -> str:
    if len(parts) > MOST_IN_A_ROW:
        chunks = [parts[at : at + MOST_IN_A_ROW] for at in range(0, len(parts), MOST_IN_A_ROW)]
        return _chained([f"({_chained(one)})" for one in chunks])
    return " || ".join(parts)


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
    return (Sql(f"to_json({expression})::text"),)


def nullable(value: Json) -> Json:
    """``value``, which is null in SQL where it is null in JSON."""
    return (Sql(f"coalesce({joined(value)}, 'null')"),)


def unless_null(expression: str, value: Json) -> Json:
    """``value``, or null where ``expression`` is."""
    return (Sql(f"case when {expression} is null then 'null' else {joined(value)} end"),)


def found(value: Json, rows: str) -> Json:
    """``value`` for the row that ``rows`` (from FROM on) finds, or null if there is none."""
    return nullable((Sql(f"(select {joined(value)}{rows})"),))


def listed(value: Json, rows: str, order: str = "") -> Json:
    """A list of ``value`` for every row of ``rows`` (from FROM on), in their order or in the one given."""
    return members(f"(select string_agg({joined(value)}, ','{order}){rows})")


def members(expression: str) -> Json:
    """A list whose members are in one text, separated; null if there are none."""
    return ("[", Sql(f"coalesce({expression}, '')"), "]")
