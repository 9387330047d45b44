"""Values as GraphQL, as JSON and as the database write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


class Raw(str):
    """A name to be written as it is: an enum member or a variable."""

    __slots__ = ()


def literal(value: Any) -> str:
    """A value as GraphQL writes it."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def plain(value: Any) -> Any:
    """A value as JSON sends it."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, Raw) else value


def is_variable(value: Any) -> bool:
    return isinstance(value, Raw) and value.startswith("$")


def holds_variables(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(holds_variables(one) for one in value.values())
    return any(map(holds_variables, value)) if isinstance(value, list) else is_variable(value)


def stored(column: Any, value: Any) -> Any:
    """A value as the database gives it back: decimals with the scale of their column."""
    kind = column.property.columns[0].type
    scale = getattr(kind, "scale", None)
    return round(value, scale) if scale and not isinstance(value, (date, datetime)) else value


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(map(str.title, rest))
