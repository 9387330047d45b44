"""How many nodes an answer really holds: the rows of all its pages, as the limits count those it could hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_PAGES = frozenset({"nodes", "edges"})
Sets = tuple[SelectionSetNode, ...]
Fields = dict[str, tuple[str, Sets]]


def nodes_in(data: Any, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """The number of nodes in the data of an operation."""
    return _Tally(fragments).count((operation.selection_set,), data)


class _Tally:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[tuple[int, ...], Fields] = {}

    def count(self, sets: Sets, value: Any) -> int:
        if isinstance(value, list):
            return sum(self.count(sets, one) for one in cast("list[Any]", value))
        if not isinstance(value, dict) or not sets:
            return 0
        return self._in_object(self._fields(sets), cast("dict[str, Any]", value))

    def _in_object(self, fields: Fields, value: Mapping[str, Any]) -> int:
        found, on_page = 0, 0
        for key, (name, below) in fields.items():
            one = value.get(key)
            if name in _PAGES and isinstance(one, list):
                # A page whose rows are shown twice, as nodes and as edges, is one page.
                on_page = max(on_page, sum(item is not None for item in cast("list[Any]", one)))
            found += self.count(below, one)
        return found + on_page

    def _fields(self, sets: Sets) -> Fields:
        """The fields of an object by response key; the same selections are looked at once."""
        key = tuple(map(id, sets))
        if key not in self._known:
            found: Fields = {}
            seen: set[str] = set()
            for one in sets:
                self._gather(one, found, seen)
            self._known[key] = found
        return self._known[key]

    def _gather(self, chosen: SelectionSetNode, found: Fields, seen: set[str]) -> None:
        for one in chosen.selections:
            if isinstance(one, FieldNode):
                key = one.alias.value if one.alias else one.name.value
                _, before = found.get(key, ("", ()))
                below = (one.selection_set,) if one.selection_set else ()
                found[key] = one.name.value, (*before, *below)
            elif not isinstance(one, FragmentSpreadNode):
                self._gather(cast("Any", one).selection_set, found, seen)
            elif one.name.value not in seen:
                seen.add(one.name.value)
                self._gather(self._fragments[one.name.value].selection_set, found, seen)
