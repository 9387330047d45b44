"""What the pages ask for is answered by one statement, whoever asks.

The documents are read from the sources of the pages, put together as their build does it: every operation with the
fragments it needs, and the name of the type in every object.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    parse,
    print_ast,
    type_from_ast,
    visit,
)

import models
from resolvers.ids import encode
from schema.declaration import TYPES
from schema.root import graphql_schema
from tests.compiler.arena import Arena, Case, answered
from tests.compiler.company import Viewer
from tests.compiler.givens import Pool

SOURCES = Path(__file__).parents[2] / "portal_web" / "src"
VIEWERS = (
    "administrator", "account_manager", "access_manager", "portal_organization", "portal_two_sites", "portal_mixed",
    "portal_viewed", "partner_everywhere", "raw", "nobody",
)  # fmt: skip
MANAGERS = {"administrator", "access_manager"}
REFUSED = "a change of access that is refused"
"""Why the preview of a change is told field by field to those who may not make it."""
MEANT = {"userId": "User"}
"""The arguments by which a row of one type is meant."""
_DOCUMENT = re.compile(r"\bgraphql\(\s*`([^`]*)`")


def definitions() -> Iterator[DefinitionNode]:
    for folder in ("app", "features"):
        for file in sorted((SOURCES / folder).rglob("*.ts*")):
            if ".test." not in file.name:
                for text in _DOCUMENT.findall(file.read_text()):
                    # What only the types of the pages know is not sent.
                    yield from parse(text.replace("@_unmask", "")).definitions


ALL = list(definitions())
FRAGMENTS = {one.name.value: one for one in ALL if isinstance(one, FragmentDefinitionNode)}
QUERIES = {
    one.name.value: one
    for one in ALL
    if isinstance(one, OperationDefinitionNode) and one.operation is OperationType.QUERY and one.name
}


class _Names(Visitor):
    """Asks for the type of every object below the root, as the cache of the pages does."""

    def enter_selection_set(self, node: SelectionSetNode, _key: Any, parent: Any, *_: Any) -> SelectionSetNode | None:
        if isinstance(parent, OperationDefinitionNode):
            return None
        return SelectionSetNode(selections=(*node.selections, FieldNode(name=NameNode(value="__typename"))))


class _Found(Visitor):
    """The fragments that are spread, and which types rows are asked for by which variable."""

    def __init__(self) -> None:
        super().__init__()
        self.spread: list[str] = []
        self.types: dict[str, str] = {}

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.spread.append(node.name.value)

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        below = node.selection_set.selections if node.selection_set else ()
        on = [one.type_condition.name.value for one in below if isinstance(one, InlineFragmentNode)]
        for given in node.arguments or ():
            if isinstance(given.value, VariableNode) and (on or given.name.value in MEANT):
                self.types[given.value.name.value] = MEANT.get(given.name.value) or on[0]


def found(node: Any) -> _Found:
    seen = _Found()
    visit(node, seen)
    return seen


def text_of(operation: OperationDefinitionNode) -> str:
    needed: dict[str, FragmentDefinitionNode] = {}
    waiting: list[Any] = [operation]
    while waiting:
        for name in found(waiting.pop()).spread:
            if name not in needed:
                needed[name] = FRAGMENTS[name]
                waiting.append(FRAGMENTS[name])
    return print_ast(visit(DocumentNode(definitions=(operation, *needed.values())), _Names()))


def variables_of(operation: OperationDefinitionNode, pool: Pool, viewer: Viewer, *, full: bool) -> dict[str, Any]:
    """Those that must be given, or all but the cursors; ids are of rows that the viewer sees, if there are any."""
    types = found(operation).types
    given: dict[str, Any] = {}
    for one in operation.variable_definitions or ():
        name = one.variable.name.value
        kind = type_from_ast(graphql_schema(), one.type)
        if is_non_null_type(kind) or (full and name != "after"):
            given[name] = value_of(one, get_nullable_type(kind), types, pool, viewer)
    return given


def value_of(one: VariableDefinitionNode, kind: Any, types: Mapping[str, str], pool: Pool, viewer: Viewer) -> Any:
    if is_list_type(kind):
        return [
            {"name": "portal_viewer", "placeId": encode(models.Organization, person(pool, viewer)["organization_id"])}
        ]
    if kind.name == "ID":
        model: Any = TYPES[types.get(one.variable.name.value, "Site")].model
        if model is models.User:
            return encode(model, person(pool, viewer)["id"])
        rows = pool.seen(viewer, model) or pool.company_of(viewer).rows[model]
        return encode(model, rows[0]["id"])
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {}
    return {"Int": 5, "Boolean": True}.get(kind.name, "a")


def person(pool: Pool, viewer: Viewer) -> dict[str, Any]:
    """Somebody of a client, whom the viewer sees if they see any."""
    known = (*pool.seen(viewer, models.User), *pool.company_of(viewer).rows[models.User])
    return next(one for one in known if one["organization_id"] and one["id"] != viewer.user_id)


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_what_the_pages_ask_for_is_compiled(executors: Arena, name: str) -> None:
    """And it has the same answer as ordinary execution gives."""
    operation, pool = QUERIES[name], Pool(0, executors.companies, executors.viewers)
    text, refused = text_of(operation), Counter[str]()
    for viewer in map(executors.viewer, VIEWERS):
        for full in (False, True):
            case = Case(text, variables_of(operation, pool, viewer, full=full), None, viewer)
            before, fallen = executors.counting.compiled, executors.counting.fallen.copy()
            difference = await executors.difference(case)
            assert difference is None, f"{case}\nordinary: {difference[0]}\ncompiled: {difference[1]}"
            if executors.counting.compiled == before:
                assert executors.counting.fallen - fallen == {REFUSED: 1}
                assert (await answered(executors.ordinary, case))["errors"]
                refused[viewer.name] += 1
    assert not refused.keys() & MANAGERS
    assert not refused or name == "AccessPreview"


def test_the_pages_were_found() -> None:
    assert len(QUERIES) >= 30
    assert {"AccessPreview", "AuditTrail"} <= QUERIES.keys()
