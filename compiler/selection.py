"""Selections: the fields of one object, fragments unfolded and directives obeyed, in the order of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
)
from graphql.execution.values import get_directive_values

Fields = dict[str, list[FieldNode]]
"""By response key: the field nodes that share it."""


class Selections:
    """Collects the fields of selection sets for one set of variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Any,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def of(self, type_name: str, sets: Iterable[SelectionSetNode]) -> Fields:
        """The fields an object of ``type_name`` answers with."""
        found: Fields = {}
        seen: set[str] = set()
        for one in sets:
            for node in self._walk(type_name, one, seen):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return found

    def below(self, type_name: str, nodes: Iterable[FieldNode]) -> Fields:
        """The fields below some field nodes of one response key."""
        return self.of(type_name, (one.selection_set for one in nodes if one.selection_set))

    def _walk(self, type_name: str, chosen: SelectionSetNode, seen: set[str]) -> Iterator[FieldNode]:
        for one in chosen.selections:
            if not self._included(one):
                continue
            if isinstance(one, FieldNode):
                yield one
            elif isinstance(one, InlineFragmentNode):
                if self._applies(type_name, one.type_condition):
                    yield from self._walk(type_name, one.selection_set, seen)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in seen:
                seen.add(one.name.value)
                fragment = self._fragments[one.name.value]
                if self._applies(type_name, fragment.type_condition):
                    yield from self._walk(type_name, fragment.selection_set, seen)

    def _included(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, type_name: str, condition: Any) -> bool:
        if condition is None or condition.name.value == type_name:
            return True
        kind: Any = self._schema.get_type(condition.name.value)
        object_type: Any = self._schema.get_type(type_name)
        return self._schema.is_sub_type(kind, object_type) if hasattr(kind, "resolve_type") else False
