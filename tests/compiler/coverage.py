"""Which parts of the schema documents ask for: fields, arguments, members of inputs and values of enums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    type_from_ast,
    visit,
)

from schema.root import graphql_schema
from tests.compiler.arena import Case


def whole() -> set[str]:
    """Everything a query can ask for and give.

    Of enums only those whose values are other statements: all others are compared with a column, whichever is given.
    """
    return {part for name in _reachable() for part in _parts(_type(name))}


def _type(name: str) -> Any:
    return graphql_schema().type_map[name]


def _reachable() -> set[str]:
    known: set[str] = set()
    waiting = ["Query"]
    while waiting:
        name = waiting.pop()
        if name not in known:
            known.add(name)
            waiting += _next(_type(name))
    return known


def _next(kind: Any) -> Iterator[str]:
    """The types the fields and arguments of a type lead to."""
    for one in getattr(kind, "fields", {}).values():
        yield get_named_type(one.type).name
        yield from (get_named_type(given.type).name for given in getattr(one, "args", {}).values())
    if isinstance(kind, GraphQLInterfaceType):
        yield from (one.name for one in graphql_schema().get_possible_types(kind))


def _parts(kind: Any) -> Iterator[str]:
    if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
        for name, one in kind.fields.items():
            yield f"{kind.name}.{name}"
            yield from (f"{kind.name}.{name}({given})" for given in one.args)
    elif isinstance(kind, GraphQLInputObjectType):
        yield from (f"{kind.name}.{name}" for name in kind.fields)
    elif isinstance(kind, GraphQLEnumType) and kind.name.endswith(("Order", "Archived")):
        yield from (f"{kind.name}.{name}" for name in kind.values)


def asked(case: Case) -> set[str]:
    """The parts a document asks for, and those its variables give."""
    found = _Found(TypeInfo(graphql_schema()))
    document = parse(case.text)
    visit(document, TypeInfoVisitor(found.types, found))
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            for variable in one.variable_definitions or ():
                kind = type_from_ast(graphql_schema(), variable.type)
                found.parts |= set(_values(kind, case.variables.get(variable.variable.name.value)))
    return found.parts


def _values(kind: Any, value: Any) -> Iterator[str]:
    named: Any = get_named_type(kind)
    if isinstance(value, list):
        for one in value:
            yield from _values(named, one)
    elif isinstance(named, GraphQLEnumType) and value is not None:
        yield f"{named.name}.{value}"
    elif isinstance(named, GraphQLInputObjectType) and isinstance(value, Mapping):
        for name, one in value.items():
            yield f"{named.name}.{name}"
            yield from _values(named.fields[name].type, one)


class _Found(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.parts: set[str] = set()

    def enter_field(self, node: Any, *_: Any) -> None:
        kind = self.types.get_parent_type()
        name = node.name.value
        if kind is not None and not name.startswith("__"):
            self.parts.add(f"{kind.name}.{name}")
            self.parts |= {f"{kind.name}.{name}({given.name.value})" for given in node.arguments or ()}

    def enter_object_field(self, node: Any, *_: Any) -> None:
        kind: Any = get_named_type(self.types.get_parent_input_type())
        self.parts.add(f"{kind.name}.{node.name.value}")

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        kind: Any = get_named_type(self.types.get_input_type())
        self.parts.add(f"{kind.name}.{node.value}")
