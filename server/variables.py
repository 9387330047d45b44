"""The variables of a request as their types read them; those of plain types without the long way round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from graphql import GraphQLError, OperationDefinitionNode
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from schema.root import graphql_schema

_PLAIN: Mapping[str, type] = {"ID": str, "String": str, "Boolean": bool}


class Plain(NamedTuple):
    """A variable without a default whose value, if it is of this kind, is taken as it is."""

    name: str
    kind: type
    signature: GraphQLVariableSignature


def plain_of(operation: OperationDefinitionNode) -> tuple[Plain, ...] | None:
    """The variables of an operation if all of them are plain."""
    found: list[Plain] = []
    for one in operation.variable_definitions or ():
        signature = get_variable_signature(graphql_schema(), one)
        if isinstance(signature, GraphQLError) or one.default_value is not None:
            return None
        kind = _PLAIN.get(str(cast("object", signature.type)).removesuffix("!"))
        if kind is None:
            return None
        found.append(Plain(signature.name, kind, signature))
    return tuple(found)


def coerced(
    operation: OperationDefinitionNode, plain: tuple[Plain, ...] | None, given: Mapping[str, Any]
) -> VariableValues | list[GraphQLError]:
    """The values, or what is wrong with them."""
    quick = None if plain is None else _taken(plain, given)
    if quick is not None:
        return quick
    return get_variable_values(
        graphql_schema(), operation.variable_definitions or (), dict(given), max_errors=10, hide_suggestions=True
    )


def _taken(plain: tuple[Plain, ...], given: Mapping[str, Any]) -> VariableValues | None:
    """The values as they are; None if one is missing or of another kind, which takes a closer look."""
    sources: dict[str, VariableValueSource] = {}
    values: dict[str, Any] = {}
    for name, kind, signature in plain:
        value = given.get(name)
        if type(value) is not kind:
            return None
        values[name] = value
        sources[name] = VariableValueSource(signature, value)
    return VariableValues(sources, values)
