"""Which fields a document asks for, by the names an application's allow-list holds: ``Site.name``, ``Address.city``.

What only leads somewhere (the roots, connections, edges, pages) needs no name. Whatever is not known here needs one, so
that a new type is closed until somebody opens it. Using a field to filter or to sort is asking for it, and so is a
cursor, which holds what the rows are sorted by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from domain.editing import camel
from schema.askable import STRUCTURE, field_names, is_structure, names_of_column
from schema.declaration import PAGING, TYPES, ConnectionTo, Embedded, FieldDeclaration, MoneyColumns, Parts
from schema.queries import ROOT_LISTS
from schema.root import graphql_schema

_CURSORS = frozenset({"cursor", "startCursor", "endCursor"})
_ON_THE_PAGE = frozenset({"edges", "pageInfo"})


@dataclass
class Use:
    """A field that is asked for: allowed if of each set in ``needs`` one name is. ``argument``: by which of its own."""

    name: str
    path: tuple[str, ...]
    needs: tuple[frozenset[str], ...]
    argument: str | None = None
    count: int = 1

    def is_within(self, allowed: frozenset[str]) -> bool:
        """Whether an application with this list may ask for it."""
        return all(not one.isdisjoint(allowed) for one in self.needs)

    def refused(self) -> GraphQLError:
        """The error that stands for all places at which it is asked for."""
        said = {"code": "FIELD_FORBIDDEN", "permission": None, "field": self.name, "count": self.count}
        if self.argument is not None:
            said["argument"] = self.argument
        return GraphQLError(
            f"{self.name} is not among the fields this application may ask for.",
            path=list(self.path),
            extensions=said,
        )


@dataclass(frozen=True)
class Listed:
    """A connection that is asked for; what it is filtered and sorted by is in its arguments."""

    target: str
    path: tuple[str, ...]
    node: FieldNode
    definition: GraphQLField
    shows_cursors: bool


@dataclass
class Asked:
    """What one operation asks for, whatever its variables."""

    uses: dict[str, Use] = field(default_factory=dict[str, Use])
    lists: list[Listed] = field(default_factory=list[Listed])

    def refusals(self, allowed: frozenset[str], variables: VariableValues) -> list[GraphQLError]:
        """One error for each field the list does not hold."""
        uses = [*self.uses.values(), *(use for one in self.lists for use in _compared(one, variables))]
        refused = {(one.name, one.argument): one for one in reversed(uses) if not one.is_within(allowed)}
        return [one.refused() for one in reversed(refused.values())]

    def note(self, name: str, path: tuple[str, ...], needs: tuple[frozenset[str], ...]) -> None:
        """One place at which a field is asked for."""
        if name in self.uses:
            self.uses[name].count += 1
        else:
            self.uses[name] = Use(name, path, needs)


def asked_by(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Asked:
    """What a validated operation asks for; each fragment is looked at once for each type it is used on."""
    looking = _Looking(fragments)
    root: Any = graphql_schema().get_root_type(operation.operation)
    looking.walk(root, operation.selection_set, ())
    return looking.asked


Composite = GraphQLObjectType | GraphQLInterfaceType


class _Looking:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._seen: set[tuple[str, str]] = set()
        self.asked = Asked()

    def walk(self, kind: Composite, chosen: SelectionSetNode, path: tuple[str, ...]) -> None:
        for one in chosen.selections:
            if isinstance(one, FieldNode):
                if not one.name.value.startswith("__"):
                    self._field(kind, one, (*path, one.alias.value if one.alias else one.name.value))
            elif isinstance(one, InlineFragmentNode):
                self.walk(_within(kind, one), one.selection_set, path)
            elif isinstance(one, FragmentSpreadNode):
                self._spread(kind, self._fragments[one.name.value], path)

    def _spread(self, kind: Composite, fragment: FragmentDefinitionNode, path: tuple[str, ...]) -> None:
        inner = _within(kind, fragment)
        if (fragment.name.value, inner.name) not in self._seen:
            self._seen.add((fragment.name.value, inner.name))
            self.walk(inner, fragment.selection_set, path)

    def _field(self, kind: Composite, node: FieldNode, path: tuple[str, ...]) -> None:
        name = node.name.value
        definition = kind.fields[name]
        below = cast("Composite", get_named_type(definition.type))
        declared = _declared(kind.name, name)
        source = declared.source if declared is not None else None
        if isinstance(source, ConnectionTo):
            self._list(kind, node, source.target, definition, path)
        elif not isinstance(source, Embedded) and not is_structure(kind.name, name):
            self.asked.note(f"{kind.name}.{name}", path, _needs(kind, name))
        if node.selection_set is not None and not isinstance(source, (MoneyColumns, Parts)):
            self.walk(below, node.selection_set, path)

    def _list(
        self, kind: Composite, node: FieldNode, target: str, definition: GraphQLField, path: tuple[str, ...]
    ) -> None:
        name = node.name.value
        # A list from the root tells which rows there are: that takes leave to ask for anything of them.
        needs = (field_names(target),) if kind.name in STRUCTURE else _needs(kind, name)
        self.asked.note(f"{kind.name}.{name}", path, needs)
        shown = node.selection_set is not None and self._shows_cursors(node.selection_set, set())
        self.asked.lists.append(Listed(target, path, node, definition, shown))

    def _shows_cursors(self, chosen: SelectionSetNode, seen: set[str]) -> bool:
        """Whether cursors are asked for, on the page itself or in its edges."""
        return any(self._shows(one, seen) for one in chosen.selections)

    def _shows(self, one: Any, seen: set[str]) -> bool:
        if isinstance(one, FieldNode):
            if one.name.value in _CURSORS:
                return True
            inner = one.selection_set if one.name.value in _ON_THE_PAGE else None
            return inner is not None and self._shows_cursors(inner, seen)
        if isinstance(one, InlineFragmentNode):
            return self._shows_cursors(one.selection_set, seen)
        name = one.name.value
        if name in seen:
            return False
        seen.add(name)
        return self._shows_cursors(self._fragments[name].selection_set, seen)


def _within(kind: Composite, one: InlineFragmentNode | FragmentDefinitionNode) -> Composite:
    """The type a fragment's fields are of: its own condition, unless the type at hand is the narrower one."""
    condition = one.type_condition
    if condition is None:
        return kind
    named: Any = graphql_schema().get_type(condition.name.value)
    return kind if isinstance(kind, GraphQLObjectType) else cast("Composite", named)


@cache
def _declared(type_name: str, name: str) -> FieldDeclaration | None:
    if type_name in TYPES:
        return next((one for key, one in TYPES[type_name].fields.items() if camel(key) == name), None)
    return FieldDeclaration(ROOT_LISTS[name]) if type_name == "Query" and name in ROOT_LISTS else None


def _needs(kind: Composite, name: str) -> tuple[frozenset[str], ...]:
    """The name itself, or the names of all types that could stand there."""
    if isinstance(kind, GraphQLObjectType):
        return (frozenset({f"{kind.name}.{name}"}),)
    possible = graphql_schema().get_possible_types(kind)
    return tuple(frozenset({f"{one.name}.{name}"}) for one in possible)


def _compared(one: Listed, variables: VariableValues) -> Iterator[Use]:
    """The fields a list is filtered or sorted by, with the variables of this call."""
    try:
        given: dict[str, Any] = get_argument_values(one.definition, one.node, variables)
    except GraphQLError:
        return  # The field itself will be refused for its arguments.
    spec = PAGING[one.target]
    said = {argument.name.value for argument in one.node.arguments or ()}
    order = given["order"].value
    if "order" in said:
        yield from _columns(one, [spec.orders[order].column.key], "order")
    elif one.shows_cursors:
        yield from _columns(one, [spec.orders[order].column.key], "cursor")
    if "archived" in said:
        yield from _columns(one, ["archived_at"], "archived")
    chosen: Mapping[str, Any] = given.get("filter") or {}
    for name, tested in spec.filters.items():
        if chosen.get(camel(name)) is not None:
            yield from _columns(one, [column.key for column in tested.columns], f"filter.{camel(name)}")


def _columns(one: Listed, columns: Iterable[str], argument: str) -> Iterator[Use]:
    for column in columns:
        names = names_of_column(one.target, column)
        yield Use(min(names, default=f"{one.target}.{camel(column)}"), one.path, (names,), argument)
