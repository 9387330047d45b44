"""Marks in the JSON for what SQL cannot say: a field that was denied, a value Python has to make.

A mark begins with a random word of this process that no row can hold and no caller ever sees. An answer without the
word goes out as it came; one with it is decoded, mended and encoded again.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol, cast

import orjson

from auth.permissions import Permission
from compiler.parameters import Call
from compiler.text import Json, Sql
from models import Place
from resolvers.context import Context, Denials, Path
from schema.declaration import Computed

WORD = f"mark-{secrets.token_hex(16)}-"
_BYTES = WORD.encode()
_COMPUTED = f"{WORD}computed"
_JUDGED = f"{WORD}judged"


@dataclass(frozen=True)
class Made:
    """What Python makes of what the statement read for it; ``name`` is the field, for whoever looks at the plan."""

    name: str
    make: Callable[[Sequence[Any], Call], Any]


@dataclass(frozen=True)
class Guarded:
    """A guarded field of the plan: which one, and the right it takes."""

    type_name: str
    field_name: str
    permission: Permission


class Marked(Protocol):
    """A plan, as far as its marks are concerned."""

    @property
    def guarded(self) -> Sequence[Guarded]: ...

    @property
    def computed(self) -> Sequence[Made]: ...


def denied(index: int) -> Json:
    """The mark for "the plan's guarded field number ``index`` is not shown here"."""
    return (f'"{WORD}{index}"',)


def computed(index: int, columns: Sequence[str]) -> Json:
    """The mark for "the plan's computed field number ``index``, made of these columns"."""
    return _array(f"'{_COMPUTED}'", str(index), *columns)


def judged(index: int, facts: str, value: Json) -> Json:
    """The mark for "``value``, unless the plan's computed number ``index`` refuses it because of these facts"."""
    return f'["{_JUDGED}",{index},', Sql(f"{facts}::text"), ",", *value, "]"


def names(name: str, one: Computed) -> Made:
    """The names of the permissions Python makes of the columns of a field."""

    def make(values: Sequence[Any], _: Call) -> list[str]:
        row = SimpleNamespace(**dict(zip(one.columns, values, strict=True)))
        nowhere = cast("Context", None)
        found = one.compute(nowhere, SimpleNamespace(row=row))
        return [item.name for item in cast("Sequence[Permission]", found)]

    return Made(name, make)


def permissions_at(name: str) -> Made:
    """The names of the viewer's permissions at a place: an organization and a site, as far as there are any."""

    def make(values: Sequence[Any], call: Call) -> list[str]:
        actor = call.standing.actor
        organization, site = (None if one is None else uuid.UUID(one) for one in values)
        return [one.name for one in sorted(actor.permissions_at(Place(actor.tenant_id, organization, site)))]

    return Made(name, make)


def _array(*values: str) -> Json:
    return (Sql(f"json_build_array({', '.join(values)})::text"),)


def is_marked(body: bytes) -> bool:
    """Whether anything is to be mended."""
    return _BYTES in body


def mend(body: bytes, plan: Marked, call: Call) -> tuple[Any, Denials]:
    """The data without marks, and the denials they stood for, noted in reading order."""
    mending = _Mending(plan, call)
    return mending.value(orjson.loads(body), ()), mending.denials


class _Mending:
    def __init__(self, plan: Marked, call: Call) -> None:
        self._guarded = plan.guarded
        self._computed = plan.computed
        self._call = call
        self.denials = Denials()

    def value(self, value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return self._object(cast("dict[str, Any]", value), path)
        if isinstance(value, list):
            return self._list(cast("list[Any]", value), path)
        if isinstance(value, str) and value.startswith(WORD):
            return self._deny(int(value.removeprefix(WORD)), path)
        return value

    def _object(self, value: dict[str, Any], path: Path) -> dict[str, Any]:
        for key, one in value.items():
            if type(one) in _MARKABLE:
                value[key] = self.value(one, (*path, key))
        return value

    def _list(self, values: list[Any], path: Path) -> Any:
        if values and values[0] == _COMPUTED:
            return self._computed[int(values[1])].make(values[2:], self._call)
        if values and values[0] == _JUDGED:
            self._computed[int(values[1])].make(values[2], self._call)
            return self.value(values[3], path)
        for index, one in enumerate(values):
            if type(one) in _MARKABLE:
                values[index] = self.value(one, (*path, index))
        return values

    def _deny(self, index: int, path: Path) -> None:
        one = self._guarded[index]
        self.denials.note(one.type_name, one.field_name, one.permission, path)


_MARKABLE = {dict, list, str}
