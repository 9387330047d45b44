"""Marks in the JSON for what SQL cannot say: a field that was denied, a value Python has to make.

A mark begins with a random word of this process that no row can hold and no caller ever sees. An answer without the
word goes out as it came; one with it is decoded, mended and encoded again.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol, cast

import orjson

from auth.actor import Actor
from auth.permissions import Permission
from compiler.text import Json, Sql
from models import Place
from resolvers.context import Context, Denials, Path
from schema.declaration import Computed

WORD = f"mark-{secrets.token_hex(16)}-"
_BYTES = WORD.encode()
_PERMISSIONS = f"{WORD}permissions"
_COMPUTED = f"{WORD}computed"


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
    def computed(self) -> Sequence[Computed]: ...


def denied(index: int) -> Json:
    """The mark for "the plan's guarded field number ``index`` is not shown here"."""
    return (f'"{WORD}{index}"',)


def permissions_at(organization: str | None, site: str | None) -> Json:
    """The mark for "the viewer's permissions at this place"."""
    return _array(f"'{_PERMISSIONS}'", organization or "null::uuid", site or "null::uuid")


def computed(index: int, columns: Sequence[str]) -> Json:
    """The mark for "the plan's computed field number ``index``, made of these columns"."""
    return _array(f"'{_COMPUTED}'", str(index), *columns)


def _array(*values: str) -> Json:
    return (Sql(f"json_build_array({', '.join(values)})::text"),)


def is_marked(body: bytes) -> bool:
    """Whether anything is to be mended."""
    return _BYTES in body


def mend(body: bytes, plan: Marked, actor: Actor) -> tuple[Any, Denials]:
    """The data without marks, and the denials they stood for, noted in reading order."""
    mending = _Mending(plan, actor)
    return mending.value(orjson.loads(body), ()), mending.denials


class _Mending:
    def __init__(self, plan: Marked, actor: Actor) -> None:
        self._guarded = plan.guarded
        self._computed = plan.computed
        self._actor = actor
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
        if values and values[0] == _PERMISSIONS:
            return self._permissions(values[1], values[2])
        if values and values[0] == _COMPUTED:
            return self._compute(self._computed[int(values[1])], values[2:])
        for index, one in enumerate(values):
            if type(one) in _MARKABLE:
                values[index] = self.value(one, (*path, index))
        return values

    def _deny(self, index: int, path: Path) -> None:
        one = self._guarded[index]
        self.denials.note(one.type_name, one.field_name, one.permission, path)

    def _compute(self, one: Computed, values: list[Any]) -> Any:
        row = SimpleNamespace(**dict(zip(one.columns, values, strict=True)))
        nowhere = cast("Context", None)
        made = one.compute(nowhere, SimpleNamespace(row=row))
        return [item.name for item in cast("Sequence[Permission]", made)]

    def _permissions(self, organization: str | None, site: str | None) -> list[str]:
        place = Place(
            self._actor.tenant_id,
            uuid.UUID(organization) if organization else None,
            uuid.UUID(site) if site else None,
        )
        return [one.name for one in sorted(self._actor.permissions_at(place))]


_MARKABLE = {dict, list, str}
