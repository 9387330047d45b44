"""A cursor made in SQL is the one made in Python, for every order of every type and every value the rows hold."""

from typing import Any

import pytest

from resolvers.cursors import Seal
from resolvers.ids import decode
from resolvers.relations import Relation
from schema.declaration import PAGING, TYPES, ConnectionTo
from schema.queries import ROOT_LISTS
from tests.compiler.arena import SECRET, Arena, Case, answered
from tests.compiler.literals import camel, stored

ROOTS = [(name, order) for name, one in ROOT_LISTS.items() for order in one.relation.orders]

PLACES = {
    ("jobs", "Job", "parties"): "JobParty",
    ("users", "User", "grants"): "Grant",
    ("organizations", "Organization", "invitations"): "Invitation",
    ("organizations", "Organization", "portalUsers"): "PortalUser",
    ("organizations", "Organization", "accountManagers"): "AccountManager",
    ("organizations", "Organization", "services"): "ServiceSubscription",
    ("partnerApplications", "PartnerApplication", "secrets"): "PartnerSecret",
}
"""Where rows are listed that have no list at the root: the root's list, the type, its field."""
BELOW = [(path, order) for path, kind in PLACES.items() for order in PAGING[kind].orders]


def relation_of(kind: str, field: str) -> Relation:
    source = next(one.source for name, one in TYPES[kind].fields.items() if camel(name) == field)
    assert isinstance(source, ConnectionTo)
    return source.relation


async def ask(arena: Arena, text: str) -> Any:
    before = arena.counting.compiled
    answer = await answered(arena.compiled, Case(text, {}, None, arena.viewer("administrator")))
    assert arena.counting.compiled == before + 1
    return answer["data"]


def check(arena: Arena, relation: Relation, order: str, edges: list[Any]) -> None:
    viewer = arena.viewer("administrator")
    seal = Seal.derive(SECRET, viewer.user_id, relation.key(), order)
    rows = {row["id"]: row for row in arena.companies[0].rows[relation.model]}
    by = relation.orders[order]
    for edge in edges:
        target = decode(edge["node"]["id"])
        assert target is not None
        value = rows[target[1]][by.column.key]
        expected = by.absent if value is None else stored(by.column, value)
        assert edge["cursor"] == seal.write(expected, target[1])


@pytest.mark.parametrize(("name", "order"), ROOTS)
async def test_every_order(executors: Arena, name: str, order: str) -> None:
    text = f"{{ {name}(first: 100, archived: INCLUDE, order: {order}) {{ edges {{ cursor node {{ id }} }} }} }}"
    edges = (await ask(executors, text))[name]["edges"]
    assert len(edges) >= 5
    check(executors, ROOT_LISTS[name].relation, order, edges)


@pytest.mark.parametrize(("path", "order"), BELOW)
async def test_the_lists_that_are_no_roots(executors: Arena, path: tuple[str, str, str], order: str) -> None:
    root, kind, field = path
    page = f"{field}(first: 20, archived: INCLUDE, order: {order}) {{ edges {{ cursor node {{ id }} }} }}"
    data = await ask(executors, f"{{ {root}(first: 100, archived: INCLUDE) {{ nodes {{ {page} }} }} }}")
    edges = [edge for one in data[root]["nodes"] for edge in one[field]["edges"]]
    assert len(edges) >= 5
    check(executors, relation_of(kind, field), order, edges)


@pytest.mark.parametrize("order", PAGING["Notification"].orders)
async def test_what_was_told_to_the_viewer(executors: Arena, order: str) -> None:
    page = f"(first: 100, archived: INCLUDE, order: {order}) {{ edges {{ cursor node {{ id }} }} }}"
    edges = (await ask(executors, f"{{ viewer {{ notifications{page} }} }}"))["viewer"]["notifications"]["edges"]
    assert len(edges) >= 5
    check(executors, relation_of("Viewer", "notifications"), order, edges)


def test_every_paged_type_is_checked() -> None:
    roots = {one.target for one in ROOT_LISTS.values()}
    assert roots | set(PLACES.values()) | {"Notification"} == set(PAGING)


@pytest.mark.parametrize(("name", "order"), ROOTS)
@pytest.mark.parametrize(("end", "beyond"), [("first", "after"), ("last", "before")])
async def test_pages_one_after_the_other_show_every_row_once(
    executors: Arena, name: str, order: str, end: str, beyond: str
) -> None:
    """Ties, nulls, the first year and the last: the cursor of one page's end begins the next."""
    every = f"{{ {name}(first: 100, archived: INCLUDE, order: {order}) {{ nodes {{ id }} }} }}"
    expected = [one["id"] for one in (await ask(executors, every))[name]["nodes"]]
    found: list[str] = []
    cursor = ""
    for _ in range(20):
        said = f'{end}: 9, {beyond}: "{cursor}"' if cursor else f"{end}: 9"
        info = "pageInfo { startCursor endCursor hasNextPage hasPreviousPage }"
        text = f"{{ {name}({said}, archived: INCLUDE, order: {order}) {{ nodes {{ id }} {info} }} }}"
        page = (await ask(executors, text))[name]
        ids = [one["id"] for one in page["nodes"]]
        found = [*found, *ids] if end == "first" else [*ids, *found]
        cursor = page["pageInfo"]["endCursor" if end == "first" else "startCursor"]
        if not page["pageInfo"]["hasNextPage" if end == "first" else "hasPreviousPage"]:
            break
    assert found == expected
