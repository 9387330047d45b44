"""A mutation of one command, cut in two: the command, and what its payload asks of the row the command was about.

The second half is ``node(id:)`` under the payload's own response keys, with the id for a variable. It is a query like
any other and has a plan of its own, whatever the command was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    visit,
)
from graphql.execution.values import VariableValues
from graphql.language import Visitor

from compiler.run import Question
from compiler.selection import Fields, Selections
from schema.declaration import TYPES
from schema.root import graphql_schema

Fragments = Mapping[str, FragmentDefinitionNode]
_ROW = "the row"
"""The variable that holds the row's id: no document can have one of this name."""
_ID = ArgumentNode(name=NameNode(value="id"), value=VariableNode(name=NameNode(value=_ROW)))
_AT_ONCE = frozenset({"__typename", "userErrors"})
_NO_MORE = SelectionSetNode(
    selections=(FieldNode(name=NameNode(value="__typename"), arguments=(), directives=(), selection_set=None),)
)


@dataclass(frozen=True)
class Cut:
    """Where a mutation is cut: the field of its only command, and the variables that stand below it."""

    field: FieldNode
    variables: frozenset[str]

    @property
    def key(self) -> str:
        """The response key of the command."""
        return (self.field.alias or self.field.name).value

    def late(self, asked: Question) -> Fields:
        """What the payload shows under rights as they are after the command, as the directives of this call have it.

        That is the row, and a secret, which is shown to whoever sees the row.
        """
        selections = Selections(graphql_schema(), asked.fragments, asked.variables)
        fields = selections.below(self._payload().name, [self.field])
        return {key: nodes for key, nodes in fields.items() if nodes[0].name.value not in _AT_ONCE}

    def question(self, asked: Question, late: Fields, node: str) -> Question:
        """What is left of the mutation to be asked of the row ``node`` when the command is done.

        Of the variables only those below the command are told: whatever it was given makes no difference to the plan.
        """
        rows = [(key, one.selection_set) for key, nodes in late.items() for one in nodes if self._shows_row(one)]
        coerced = {name: one for name, one in asked.variables.coerced.items() if name in self.variables}
        sources = {name: one for name, one in asked.variables.sources.items() if name in self.variables}
        return question_of_row(asked._replace(variables=VariableValues(sources, coerced)), rows, node)

    def _shows_row(self, one: FieldNode) -> bool:
        return _named(self._payload().fields[one.name.value].type) in TYPES

    def _payload(self) -> Any:
        schema: Any = graphql_schema()
        return cast("Any", get_named_type(schema.mutation_type.fields[self.field.name.value].type))


def _named(kind: Any) -> str:
    return cast("GraphQLNamedType", get_named_type(kind)).name


def cut(operation: OperationDefinitionNode, fragments: Fragments) -> Cut | None:
    """Where to cut an operation; None if it is not one plain command and nothing else."""
    if operation.operation is not OperationType.MUTATION or len(operation.selection_set.selections) != 1:
        return None
    one = operation.selection_set.selections[0]
    if not isinstance(one, FieldNode) or one.directives or one.selection_set is None:
        return None
    return Cut(one, _variables(one.selection_set, fragments))


def question_of_row(asked: Question, rows: Iterable[tuple[str, SelectionSetNode | None]], node: str) -> Question:
    """What is asked of the row ``node`` under these response keys, as a query: if it is nothing, whether it is seen."""
    fields = tuple(_node(key, chosen) for key, chosen in rows) or (_node("", _NO_MORE),)
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY, name=asked.operation.name, selection_set=SelectionSetNode(selections=fields)
    )
    variables = VariableValues(asked.variables.sources, {**asked.variables.coerced, _ROW: node})
    return asked._replace(operation=operation, variables=variables)


def _node(key: str, chosen: SelectionSetNode | None) -> FieldNode:
    """The field of a payload that shows its row, as a query asks for it."""
    alias, name = NameNode(value=key), NameNode(value="node")
    return FieldNode(alias=alias, name=name, arguments=(_ID,), directives=(), selection_set=chosen)


class _Looking(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()
        self.spreads: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        """Take the name of a variable."""
        self.variables.add(node.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        """Take the name of a fragment."""
        self.spreads.add(node.name.value)


def _variables(chosen: SelectionSetNode, fragments: Fragments) -> frozenset[str]:
    """The variables in a selection and in every fragment it leads to, each looked at once."""
    looking = _Looking()
    visit(chosen, looking)
    seen: set[str] = set()
    while waiting := looking.spreads - seen:
        name = waiting.pop()
        seen.add(name)
        visit(fragments[name], looking)
    return frozenset(looking.variables)
