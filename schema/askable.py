"""The names of the fields an application's allow-list can hold, and what needs no name because it only leads there."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema, get_named_type

from domain import partners
from domain.editing import camel
from schema.declaration import TYPES, Column, Embedded, MoneyColumns, Parts

STRUCTURE = frozenset({"Query", "Subscription", "Viewer", "AccessPlace", "PageInfo", "Explanation", "Reload", "Money"})
"""Types that say nothing of rows but where they are, and who is asking."""
_ENDINGS = ("Connection", "Edge")
_OF_COMMANDS = ("Payload", "UserError", "Mutation")
_OF_CHANGES = frozenset({"kind", "nodeType", "epoch", "offset", "node"})


def is_structure(type_name: str, name: str) -> bool:
    """Whether a field only leads to others, or says what its asker knows anyway."""
    if type_name == "Change":
        return name in _OF_CHANGES
    return type_name in STRUCTURE or type_name.endswith(_ENDINGS)


def learn(schema: GraphQLSchema) -> None:
    """Tell the domain which names there are."""
    parts = _parts(schema)
    for one in schema.type_map.values():
        if isinstance(one, GraphQLObjectType) and not one.name.startswith("__") and one.name not in parts:
            partners.ASKABLE.update(f"{one.name}.{name}" for name in one.fields if _has_name(one.name, name))


def _has_name(type_name: str, name: str) -> bool:
    closed = is_structure(type_name, name) or type_name.endswith(_OF_COMMANDS)
    return not closed and name not in _embedded(type_name)


def _parts(schema: GraphQLSchema) -> set[str]:
    """The types of what is shown as a whole or not at all: the field it stands in is the only name it has."""
    found: set[str] = set()
    for one in TYPES.values():
        kind: Any = schema.type_map[one.name]
        waiting = [
            kind.fields[camel(key)] for key, declared in one.fields.items() if isinstance(declared.source, Parts)
        ]
        while waiting:
            part = cast("GraphQLNamedType", get_named_type(waiting.pop().type))
            if isinstance(part, GraphQLObjectType) and part.name not in found:
                found.add(part.name)
                waiting += part.fields.values()
    return found


@cache
def _embedded(type_name: str) -> frozenset[str]:
    if type_name not in TYPES:
        return frozenset()
    return frozenset(camel(key) for key, one in TYPES[type_name].fields.items() if isinstance(one.source, Embedded))


@cache
def field_names(type_name: str) -> frozenset[str]:
    """The names of all fields that show something of a type's rows, those of its groups among them."""
    model = TYPES[type_name].model
    return frozenset(
        f"{one.name}.{camel(key)}"
        for one in TYPES.values()
        if one.model is model
        for key, declared in one.fields.items()
        if not isinstance(declared.source, Embedded)
    )


@cache
def names_of_column(type_name: str, column: str) -> frozenset[str]:
    """The names of the fields that show a column of a type's rows."""
    model: Any = TYPES[type_name].model
    return frozenset(
        f"{one.name}.{camel(key)}"
        for one in TYPES.values()
        if one.model is model
        for key, declared in one.fields.items()
        if _column_of(key, declared.source) == column
    )


def _column_of(key: str, source: Any) -> str | None:
    if isinstance(source, Column):
        return source.name or key
    return source.amount if isinstance(source, MoneyColumns) else None
