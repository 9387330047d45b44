"""Writing the statement: objects, their fields, and the rows they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from graphql import FieldNode, GraphQLField, GraphQLNamedType, GraphQLSchema, get_named_type
from graphql.execution.values import VariableValues

from auth.permissions import Permission
from compiler import marks
from compiler.arguments import Argument, arguments_of
from compiler.marks import Guarded, Made
from compiler.parameters import Parameters
from compiler.plan import NotCompiled
from compiler.scope import FALSE, TRUE, Row, Rules
from compiler.selection import Fields, Selections
from compiler.shape import Shape
from compiler.text import NULL, Json, Sql, found, joined, record
from domain.editing import camel
from schema.declaration import TYPES, FieldDeclaration


@dataclass(frozen=True)
class Asked:
    """A field that is asked of a row; ``name`` is the one it was declared by."""

    type_name: str
    name: str
    row: Row
    nodes: list[FieldNode]


Write = Callable[["Writer", Asked, Any], Json]
"""Writes a field that has one kind of source (``compiler.values`` has one for each)."""


@dataclass
class Writer:
    """Writes the expressions of one statement."""

    schema: GraphQLSchema
    selections: Selections
    variables: VariableValues
    shape: Shape
    rules: Rules
    sources: Mapping[type, Write]
    parameters: Parameters = field(default_factory=Parameters)
    guarded: list[Guarded] = field(default_factory=list)
    computed: list[Made] = field(default_factory=list[Made])
    _aliases: int = 0

    def alias(self, letter: str) -> str:
        """An alias no other part of the statement has."""
        self._aliases += 1
        return f"{letter}{self._aliases}"

    def type_below(self, type_name: str, node: FieldNode) -> tuple[GraphQLField, str]:
        """The definition of a field and the name of the type it leads to."""
        kind: Any = self.schema.get_type(type_name)
        definition: Any = kind.fields.get(node.name.value)
        if definition is None:
            raise NotCompiled(f"{type_name}.{node.name.value}")
        below = cast("GraphQLNamedType", get_named_type(definition.type))
        return definition, below.name

    def arguments(self, type_name: str, node: FieldNode) -> dict[str, Argument]:
        """The arguments of a field."""
        return arguments_of(self.type_below(type_name, node)[0], node, self.variables)

    def record(self, type_name: str, row: Row, fields: Fields) -> Json:
        """The object of a declared type for a row at hand."""
        return record((key, self.field(type_name, row, nodes)) for key, nodes in fields.items())

    def field(self, type_name: str, row: Row, nodes: list[FieldNode]) -> Json:
        """The value of one field of a row, marked as denied where its right is missing."""
        name = nodes[0].name.value
        if name == "__typename":
            return (f'"{type_name}"',)
        python_name, declared = declared_fields(type_name)[name]
        asked, write = Asked(type_name, python_name, row, nodes), self.sources[type(declared.source)]
        if declared.requires is None:
            return write(self, asked, declared.source)
        covered = self.rules.covers(row, declared.requires, self.shape, self.parameters)
        mark = self._mark(type_name, name, declared.requires)
        if covered == FALSE:
            return mark
        value = write(self, asked, declared.source)
        return value if covered == TRUE else (Sql(f"case when {covered} then {joined(value)} else {joined(mark)} end"),)

    def visible(self, row: Row) -> tuple[str, Row]:
        """The condition under which the viewer sees the row, and the row with what is then known of it."""
        predicate, facts = self.rules.visible(row, self.shape, self.parameters)
        return predicate, Row(row.model, row.alias, facts)

    def found(self, type_name: str, row: Row, key: str, fields: Fields) -> Json:
        """The object of the row of ``row.model`` whose id is the SQL ``key``; null if there is none to be seen."""
        predicate, row = self.visible(row)
        if predicate == FALSE:
            return NULL
        conditions = [f"{row.alias}.tenant_id = {self.parameters.tenant}", f"{row.alias}.id = {key}"]
        return found(self.record(type_name, row, fields), source(row, [*conditions, predicate]))

    def made(self, one: Made) -> int:
        """The number under which a mark names what Python makes."""
        self.computed.append(one)
        return len(self.computed) - 1

    def _mark(self, type_name: str, name: str, permission: Permission) -> Json:
        one = Guarded(type_name, name, permission)
        if one not in self.guarded:
            self.guarded.append(one)
        return marks.denied(self.guarded.index(one))


def identifier(prefix: str, row: str) -> Json:
    """The id of the node that is the row of this alias."""
    return (f'"{prefix}_', Sql(f"encode(uuid_send({row}.id), 'hex')"), '"')


def source(row: Row, conditions: Iterable[str]) -> str:
    """The FROM and WHERE of a row's table."""
    said = " and ".join(one for one in conditions if one != TRUE)
    return f" from {row.model.__tablename__} {row.alias} where {said}"


@cache
def declared_fields(type_name: str) -> Mapping[str, tuple[str, FieldDeclaration]]:
    """The declarations of a type by their names in the graph."""
    return {camel(name): (name, one) for name, one in TYPES[type_name].fields.items()}
