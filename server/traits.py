"""What a subscription's document depends on: which types it shows, and whose answer it may share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLWrappingType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)

from auth.scope import VISIBILITY, Clause
from schema.declaration import TYPES
from schema.root import graphql_schema


@dataclass(frozen=True)
class Traits:
    """What an answer depends on.

    ``types`` are the node types whose rows it shows. ``flat``: of the changed node itself it shows nothing but its own
    columns, so two viewers with the same rights at its place get the same answer. ``epoch``: it shows the epoch.
    """

    types: frozenset[str]
    flat: bool
    epoch: bool


class _Looking(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info: Any = info
        self.types: set[str] = set()
        self.nodes = 0
        self.epoch = False

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Take the types the field leads to."""
        name = _name(self._info.get_type())
        self.epoch |= node.name.value == "epoch"
        shown = name.removesuffix("Connection").removesuffix("Edge")
        if shown in TYPES and TYPES[shown].is_node:
            self.types.add(shown)
            self.nodes += 1
        if name == "AccessPlace":
            self.types |= {"Organization", "Site"}


def _name(kind: Any) -> str:
    """The name of a type without its wrappers; empty if there is none."""
    while isinstance(kind, GraphQLWrappingType):
        kind = cast("Any", kind).of_type
    return str(getattr(kind, "name", ""))


def traits_of(document: DocumentNode) -> Traits:
    """The traits of a validated document."""
    info = TypeInfo(graphql_schema())
    looking = _Looking(info)
    visit(document, TypeInfoVisitor(info, looking))
    return Traits(frozenset(looking.types | _links(looking.types)), looking.nodes == 0, looking.epoch)


def _links(types: set[str]) -> set[str]:
    """The types through whose rows those of ``types`` are seen: what happens to a link shows or hides them."""
    models = (cast("Any", TYPES[name].model) for name in types)
    clauses = (one for model in models for one in VISIBILITY.get(model, ()))
    return {one.through.__name__ for one in clauses if isinstance(one, Clause) and one.through is not None}
