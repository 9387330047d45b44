"""What a document may ask for, decided before any rule of GraphQL looks at it.

Every measure is computed once per fragment and added up, so a document of a thousand tokens costs a thousand steps,
whatever its fragments unfold to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

TOKENS = 2_000
SPREADS = 60
DEPTH = 16
FIELDS = 1_500
SAME_KEY = 8
ROOT_FIELDS = 20
DIRECTIVES = 50
NODES = 10_000
_SIZES = frozenset({"first", "last", "ids"})
_TOTALS_KEPT = 256


class TooMuch(GraphQLError):
    """The document asks for more than a single operation may."""

    def __init__(self, what: str, asked: int, most: int, part: Sequence[str] = ()) -> None:
        where = f" The dearest part is {'.'.join(part)}." if part else ""
        said = {"code": "QUERY_TOO_COMPLEX", "limit": what, "asked": asked, "most": most}
        super().__init__(
            f"The operation has too many {what}: {asked}, and at most {most} are allowed.{where}",
            extensions={**said, **({"part": list(part)} if part else {})},
        )


@dataclass(frozen=True)
class Measure:
    """How deep and how wide a selection is once its fragments are unfolded."""

    depth: int = 0
    fields: int = 0

    def beside(self, other: Measure) -> Measure:
        """The measure of both selections in one set."""
        return Measure(max(self.depth, other.depth), self.fields + other.fields)


class Meter:
    """Measures one document."""

    def __init__(self, document: DocumentNode) -> None:
        self.document = document
        self._measures: dict[str, Measure] = {}
        self._nodes: dict[tuple[str, int], int] = {}
        self._totals: dict[tuple[Any, ...], int] = {}
        self._open: set[str] = set()

    @cached_property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        return {one.name.value: one for one in self.document.definitions if isinstance(one, FragmentDefinitionNode)}

    @cached_property
    def _sized(self) -> tuple[str, ...]:
        """The variables that say how many rows are asked for."""
        named = (
            argument.value.name.value
            for selection in self._selections()
            for argument in getattr(selection, "arguments", None) or ()
            if argument.name.value in _SIZES and isinstance(argument.value, VariableNode)
        )
        return tuple(dict.fromkeys(named))

    def check(self) -> None:
        """Raise TooMuch if the document is beyond any limit that does not need its variables."""
        spreads = directives = 0
        for selection in self._selections():
            spreads += isinstance(selection, FragmentSpreadNode)
            directives += len(selection.directives or ())
        _limit("fragment spreads", spreads, SPREADS)
        _limit("directives", directives, DIRECTIVES)
        for operation in self.operations():
            _limit("root fields", len(operation.selection_set.selections), ROOT_FIELDS)
            measure = self._measure(operation.selection_set)
            _limit("levels of depth", measure.depth, DEPTH)
            _limit("fields", measure.fields, FIELDS)

    def operations(self) -> Iterator[OperationDefinitionNode]:
        """The operations of the document."""
        for one in self.document.definitions:
            if isinstance(one, OperationDefinitionNode):
                yield one

    def nodes(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
        """How many rows the operation could return at most: page sizes multiplied down every path, and added up."""
        key = (id(operation), *(_size(variables.get(name)) for name in self._sized))
        if key not in self._totals:
            if len(self._totals) >= _TOTALS_KEPT:
                self._totals.clear()
            self._nodes.clear()
            self._totals[key] = self._rows(operation.selection_set, 1, variables)
        return self._totals[key]

    def dearest(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> list[str]:
        """The path of response keys to the list whose rows, with all beneath them, are the most at every step."""
        self._nodes.clear()
        path: list[str] = []
        chosen: SelectionSetNode | None = operation.selection_set
        while chosen is not None:
            one = max(chosen.selections, key=lambda each: self._rows_of(each, 1, variables))
            if not self._rows_of(one, 1, variables):
                break
            if isinstance(one, FieldNode):
                path.append(_key(one))
            chosen = (
                self.fragments[one.name.value].selection_set
                if isinstance(one, FragmentSpreadNode)
                else (cast("Any", one).selection_set)
            )
        return path

    def _selections(self) -> Iterator[Any]:
        """Every selection as written. Keys repeated in one set are refused on the way: merging them is quadratic."""
        waiting: list[SelectionSetNode] = [
            one.selection_set
            for one in self.document.definitions
            if isinstance(one, (OperationDefinitionNode, FragmentDefinitionNode))
        ]
        while waiting:
            selections = waiting.pop().selections
            keys = Counter(_key(one) for one in selections if isinstance(one, FieldNode))
            _limit("repetitions of a field", max(keys.values(), default=0), SAME_KEY)
            for one in selections:
                yield one
                if isinstance(one, (FieldNode, InlineFragmentNode)) and one.selection_set is not None:
                    waiting.append(one.selection_set)

    def _measure(self, chosen: SelectionSetNode) -> Measure:
        total = Measure()
        for one in chosen.selections:
            total = total.beside(self._measure_one(one))
        return total

    def _measure_one(self, one: Any) -> Measure:
        if isinstance(one, FragmentSpreadNode):
            return self._measure_fragment(one.name.value)
        if isinstance(one, InlineFragmentNode):
            return self._measure(one.selection_set)
        inner = self._measure(one.selection_set) if one.selection_set else Measure()
        return Measure(inner.depth + 1, inner.fields + 1)

    def _measure_fragment(self, name: str) -> Measure:
        # A fragment that is being measured contains itself: validation says so, here it must only end.
        if name not in self.fragments or name in self._open:
            return Measure()
        if name not in self._measures:
            self._open.add(name)
            self._measures[name] = self._measure(self.fragments[name].selection_set)
            self._open.discard(name)
        return self._measures[name]

    def _rows(self, chosen: SelectionSetNode, parents: int, variables: Mapping[str, Any]) -> int:
        return sum(self._rows_of(one, parents, variables) for one in chosen.selections)

    def _rows_of(self, one: Any, parents: int, variables: Mapping[str, Any]) -> int:
        if isinstance(one, FragmentSpreadNode):
            key = (one.name.value, parents)
            if key not in self._nodes:
                self._nodes[key] = 0
                fragment = self.fragments.get(one.name.value)
                rows = self._rows(fragment.selection_set, parents, variables) if fragment else 0
                self._nodes[key] = min(rows, NODES + 1)
            return self._nodes[key]
        if isinstance(one, InlineFragmentNode):
            return self._rows(one.selection_set, parents, variables)
        size = _page_size(one, variables)
        rows = min(parents * (size or 1), NODES + 1)
        inner = self._rows(one.selection_set, rows, variables) if one.selection_set else 0
        return min(inner + (rows if size else 0), NODES + 1)


def _page_size(field: FieldNode, variables: Mapping[str, Any]) -> int | None:
    """How many rows a field asks for: a page of a list, or the nodes of some ids; None for any other field."""
    for argument in field.arguments or ():
        if argument.name.value in _SIZES:
            return _given(argument.value, variables)
    return None


def _given(value: ValueNode, variables: Mapping[str, Any]) -> int | None:
    if isinstance(value, IntValueNode):
        return max(1, int(value.value[:9]))
    if isinstance(value, ListValueNode):
        return max(1, len(value.values))
    if isinstance(value, VariableNode):
        return _size(variables.get(value.name.value))
    return None


def _size(value: Any) -> int | None:
    """What a variable's value counts as: the number it is, or the length of the list."""
    if isinstance(value, list):
        return max(1, len(cast("list[Any]", value)))
    return max(1, value) if isinstance(value, int) and not isinstance(value, bool) else None


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


def _limit(what: str, asked: int, most: int) -> None:
    if asked > most:
        raise TooMuch(what, asked, most)
