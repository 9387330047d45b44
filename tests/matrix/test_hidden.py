"""What is hidden cannot be told from what is not there, and a nest of lists costs the same for one row and for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from server import execution, operations
from tests.matrix.checking import Checker
from tests.world.serving import Ask, Place, asking

OUTSIDERS = ("portal_incidents", "foreign_portal", "clerk", "nobody")
TOLD = (
    "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id, $id]) { id } whyNot(id: $id) { "
    "visible code reason permission conferredBy }"
    ' field: whyNot(id: $id, field: "internalNotes") { visible code reason permission conferredBy }'
    ' odd: whyNot(id: $id, field: "no such field") { visible code reason permission conferredBy } }'
)


@pytest.mark.parametrize("viewer", OUTSIDERS)
async def test_ids_of_nothing_and_of_what_is_hidden_are_answered_byte_for_byte_alike(
    viewer: str, checker: Checker
) -> None:
    eyes = checker.eyes(viewer)
    hidden = [row["id"] for row in checker.mirror.all() if not eyes.sees(row)]
    absent = [f"{one.partition('_')[0]}_{'0' * 31}{n}" for n, one in enumerate(hidden[:5])]
    malformed = [
        "",
        "x",
        "org",
        "org_",
        "ORG_" + "0" * 32,
        "org_" + "G" * 32,
        hidden[0] + "0",
        hidden[0].upper(),
        "\N{PILE OF POO}",
    ]
    said: dict[bytes, str] = {}
    for id in [*hidden, *absent, *malformed]:
        await checker.ask(viewer, TOLD, {"id": id})
        said.setdefault(checker.ask.raw, id)
    assert len(said) == 1, said


async def test_the_same_id_under_another_type_is_nothing(checker: Checker) -> None:
    site = next(iter(checker.mirror.rows["Site"]))
    answers = set()
    for prefix in ("org", "con", "rep", "usr", "grt", "ten", "xyz"):
        await checker.ask("administrator", TOLD, {"id": f"{prefix}_{site[4:]}"})
        answers.add(checker.ask.raw)
    assert len(answers) == 1


NEST = """query($ids: [ID!]!, $n: Int!) { nodes(ids: $ids) { ... on Organization { sites(first: $n) {
  totalCount nodes { name
  jobs(first: 10) { totalCount nodes { reference cost { amount } contract { reference } parties(first: 5) {
  nodes { role } } } } } } } } }"""


async def test_a_nest_takes_as_many_statements_for_one_organization_as_for_all(
    checker: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = checker.eyes("administrator").rows("Organization")
    counts = []
    for some in (rows[:1], rows):
        with counted(monkeypatch) as statements:
            await checker.same("administrator", NEST, {"ids": [row["id"] for row in some], "n": 5})
        counts += statements
    assert counts[1] <= counts[0] <= 12


@pytest.mark.parametrize("viewer", ["administrator", "portal_manager"])
async def test_fifty_organizations_take_no_more_statements_than_one(
    viewer: str, own_world: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Journey 17: organizations x sites x jobs in at most 12 statements."""
    async with asking(own_world) as ask:
        for n in range(44 if viewer == "administrator" else 0):
            await _organization(ask, n)
        counts = []
        for first in (1, 50):
            document = (
                f"{{ organizations(first: {first}) {{ totalCount nodes {{ sites(first: 6) {{ nodes {{ "
                f"jobs(first: 10) {{ nodes {{ reference }} }} }} }} }} }} }}"
            )
            with counted(monkeypatch) as statements:
                answer = await ask(viewer, document)
            assert len(answer["data"]["organizations"]["nodes"]) == min(
                first, answer["data"]["organizations"]["totalCount"]
            )
            counts += statements
    assert counts[1] <= counts[0] <= 12


async def _organization(ask: Ask, n: int) -> None:
    made = (
        f'mutation {{ createOrganization(input: {{legalName: "Many {n:02}", shortName: "Many '
        f'{n:02}", location: LOCAL}}) {{ organization {{ id }} }} }}'
    )
    id = (await ask("administrator", made))["data"]["createOrganization"]["organization"]["id"]
    sites = (
        f'mutation {{ createSite(input: {{organizationId: "{id}", name: "Only", timeZone: '
        f'"UTC"}}) {{ userErrors {{ code }} }} }}'
    )
    assert (await ask("administrator", sites))["data"]["createSite"]["userErrors"] == []


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The number of SQL statements of each operation that is answered meanwhile."""
    counts: list[int] = []

    class Observer:
        observe: Any = staticmethod(counts.append)

    with monkeypatch.context() as patch:
        patch.setattr(operations, "COMPILED", Observer)
        patch.setattr(execution, "FIELD_BY_FIELD", Observer)
        yield counts


async def test_a_denied_field_is_one_error_with_its_first_place_and_its_count(checker: Checker) -> None:
    """Written out by hand, so that the oracle is not the only one to say so."""
    document = "{ a: sites(first: 9) { nodes { name internalNotes } } b: sites(first: 9) { nodes { internalNotes } } }"
    answer = await checker.ask("portal_two_sites", document)
    assert [one["name"] for one in answer["data"]["a"]["nodes"]] == ["North", "South"]
    assert answer["errors"] == [
        {
            "message": answer["errors"][0]["message"],
            "path": ["a", "nodes", 0, "internalNotes"],
            "extensions": {
                "code": "FIELD_FORBIDDEN",
                "permission": "notes.internal",
                "field": "Site.internalNotes",
                "count": 4,
            },
        }
    ]


async def test_nobody_is_somebody_without_a_session(checker: Checker) -> None:
    """A suspended user's token, and one that was never given, are refused alike."""
    said = set()
    checker.ask.world.tokens["stranger"] = checker.ask.world.tokens["clerk"][:-4] + "AAAA"
    for viewer in ("suspended", "stranger"):
        answer = await checker.ask(viewer, "{ viewer { id } }")
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        said.add(checker.ask.raw)
    assert len(said) == 1
