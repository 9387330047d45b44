"""Creating and changing rows from named values: one table of fields per aggregate says what each may hold."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from auth.actor import Actor
from auth.permissions import Permission
from domain.refusals import Invalid, Refused
from domain.values import Check, anything
from models import Place, Versioned


@dataclasses.dataclass(frozen=True)
class Field:
    """How one field is checked, and the right it needs beyond the right to edit the row."""

    check: Check = anything
    needs: Permission | None = None


class FieldForbidden(Refused):
    """The actor may edit the row, but not this field of it."""

    code = "FIELD_FORBIDDEN"


Fields = Mapping[str, Field]


def checked(actor: Actor, place: Place, fields: Fields, values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` as they are to be stored; the first one that is not acceptable is named."""
    return {name: _checked(actor, place, fields[name], name, value) for name, value in values.items()}


def _checked(actor: Actor, place: Place, field: Field, name: str, value: Any) -> Any:
    if field.needs is not None and not actor.holds(field.needs, place):
        raise FieldForbidden(f"This field needs the permission {field.needs}.", field=camel(name))
    try:
        return field.check(value)
    except Invalid as refusal:
        raise Invalid(str(refusal), field=camel(name), code=refusal.code) from refusal


def change(row: Versioned, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set ``values`` on the row; what really changed, as (before, after)."""
    changes = {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    return changes


def camel(name: str) -> str:
    """A column's name as the graph spells it."""
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
