"""Arguments: their values now, to decide what the statement looks like, and a way to read them again at every call."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues, get_argument_values
from graphql.utilities import coerce_input_literal  # pyright: ignore[reportUnknownVariableType]

from compiler.plan import NotCompiled
from resolvers.ids import MODELS

Read = Callable[[VariableValues], Any]
"""Gives the value for the variables of a call."""


@dataclass(frozen=True)
class Argument:
    """One argument: its value for the variables the statement is written for, and how to read it for others."""

    value: Any
    read: Read


def arguments_of(definition: GraphQLField, node: FieldNode, variables: VariableValues) -> dict[str, Argument]:
    """The arguments of a field, by their names in the graph; those left out without a default are missing."""
    try:
        values: dict[str, Any] = get_argument_values(definition, node, variables)
    except GraphQLError as error:
        # A null from a variable where there may be none: the field's own error, for ordinary execution to tell.
        raise NotCompiled(f"an argument of {node.name.value}") from error
    given = {one.name.value: one.value for one in node.arguments or ()}
    return {name: Argument(value, _reader(definition, name, value, given.get(name))) for name, value in values.items()}


def _reader(definition: GraphQLField, name: str, value: Any, node: ValueNode | None) -> Read:
    if node is None or _constant(node):
        return lambda _: value
    if isinstance(node, VariableNode):
        variable = node.name.value
        # Where the variable is left out, the argument's default stands: the same for all calls of this signature.
        return lambda variables: variables.coerced.get(variable, value)
    definitions = cast("Mapping[str, Any]", definition.args)
    return lambda variables: coerce_input_literal(node, definitions[name].type, variables)


def _constant(node: ValueNode) -> bool:
    if isinstance(node, VariableNode):
        return False
    if isinstance(node, ListValueNode):
        return all(_constant(one) for one in node.values)
    if isinstance(node, ObjectValueNode):
        return all(_constant(one.value) for one in node.fields)
    return True


def signature(value: Any) -> Any:
    """What of a variable's value decides what the statement looks like: everything but the text of strings."""
    if type(value) is str:
        return value[:4] if value[:3] in MODELS else "text"
    if type(value) is dict or isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return tuple([(name, signature(one)) for name, one in members.items()])
    if isinstance(value, list):
        return frozenset(signature(one) for one in cast("Iterable[Any]", value))
    if value is None or isinstance(value, (bool, int, enum.Enum)):
        return value
    return type(value).__name__
