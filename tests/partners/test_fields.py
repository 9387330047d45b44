"""An application with an allow-list gets the fields on it and is refused every other, wherever they are used."""

from __future__ import annotations

from typing import Any

import pytest

from tests.partners.program import ADMINISTRATOR, Program, enrolled
from tests.server.talking import Station

FIELDS = ["Address.city", "Site.name"]
SITES = "{ sites(first: 50) { nodes { name address { city } } } }"


def limited(station: Station, *fields: str) -> Program:
    return enrolled(station, fields=list(fields) or FIELDS)


def refused(answer: Any) -> list[tuple[str, list[str], str | None, int]]:
    """What an answer without data refuses: field, path, argument, how often."""
    assert "data" not in answer, answer
    assert {one["extensions"]["code"] for one in answer["errors"]} == {"FIELD_FORBIDDEN"}, answer
    told = [(one["extensions"], one["path"]) for one in answer["errors"]]
    return [(said["field"], path, said.get("argument"), said["count"]) for said, path in told]


def test_it_gets_the_name_and_the_city_of_its_sites_and_nothing_else(each_station: Station) -> None:
    program = limited(each_station)
    everything = each_station.ask(ADMINISTRATOR, SITES)
    answer = program.answer(SITES)
    assert answer["data"] == everything
    assert len(answer["data"]["sites"]["nodes"]) > 3
    response = program.send("{ sites(first: 50) { nodes { id name timeZone address { city street } } } }")
    assert refused(response.json()) == [
        ("Site.id", ["sites", "nodes", "id"], None, 1),
        ("Site.timeZone", ["sites", "nodes", "timeZone"], None, 1),
        ("Address.street", ["sites", "nodes", "address", "street"], None, 1),
    ]
    error = response.json()["errors"][0]
    assert error["message"] == "Site.id is not among the fields this application may ask for."
    assert error["extensions"]["permission"] is None
    assert error["extensions"]["requestId"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # Aliases, fragments and directives change nothing.
        ("{ a: sites(first: 1) { n: nodes { z: timeZone } } }", [("Site.timeZone", ["a", "n", "z"], None, 1)]),
        (
            "{ sites(first: 1) { nodes { ...F } } } fragment F on Site { ... { ...G } } fragment G on Site { status }",
            [("Site.status", ["sites", "nodes", "status"], None, 1)],
        ),
        (
            "query($no: Boolean = false) { sites(first: 1) { nodes { status @include(if: $no) } } }",
            [("Site.status", ["sites", "nodes", "status"], None, 1)],
        ),
        (
            "{ a: sites(first: 1) { nodes { status } } b: sites(first: 1) { edges { node { status } } } }",
            [("Site.status", ["a", "nodes", "status"], None, 2)],
        ),
        # The way to other rows is a field as well, and a list of rows it may not ask anything of is none of its own.
        (
            "{ sites(first: 1) { nodes { organization { __typename } } } }",
            [("Site.organization", ["sites", "nodes", "organization"], None, 1)],
        ),
        ("{ jobs(first: 1) { totalCount } }", [("Query.jobs", ["jobs"], None, 1)]),
        ("{ viewer { jobs(first: 1) { totalCount } } }", [("Viewer.jobs", ["viewer", "jobs"], None, 1)]),
        # Interfaces: what could be of any type must be allowed of every type.
        ('{ node(id: "x") { id } }', [("Node.id", ["node", "id"], None, 1)]),
        ('{ nodes(ids: ["x"]) { ... on Job { title } } }', [("Job.title", ["nodes", "title"], None, 1)]),
        ("{ viewer { user { name } } }", [("User.name", ["viewer", "user", "name"], None, 1)]),
        # Filters, orders and cursors tell values.
        (
            '{ sites(first: 1, filter: {search: "x"}) { nodes { name } } }',
            [("Address.street", ["sites"], "filter.search", 1)],
        ),
        (
            "{ sites(first: 1, filter: {status: [ACTIVE]}) { nodes { name } } }",
            [("Site.status", ["sites"], "filter.status", 1)],
        ),
        (
            'query($f: SiteFilter = {country: ["DE"]}) { sites(first: 1, filter: $f) { nodes { name } } }',
            [("Address.country", ["sites"], "filter.country", 1)],
        ),
        (
            "query($o: SiteOrder! = CREATED_DESC) { sites(first: 1, order: $o) { nodes { name } } }",
            [("Site.createdAt", ["sites"], "order", 1)],
        ),
        (
            "{ sites(first: 1, archived: INCLUDE) { nodes { name } } }",
            [("Site.archivedAt", ["sites"], "archived", 1)],
        ),
        (
            "{ sites(first: 1, order: CREATED) { ...P } } fragment P on SiteConnection { pageInfo { endCursor } }",
            [("Site.createdAt", ["sites"], "order", 1)],
        ),
    ],
)
def test_no_way_around_the_list(query: str, expected: Any, own_station: Station) -> None:
    answer = limited(own_station).answer(query)
    assert refused(answer) == expected


def test_a_cursor_shows_what_rows_are_sorted_by(own_station: Station) -> None:
    paged = "{ sites(first: 2) { edges { cursor } pageInfo { endCursor hasNextPage } } }"
    assert "errors" not in limited(own_station).answer(paged)
    assert refused(limited(own_station, "Address.city").answer(paged)) == [("Site.name", ["sites"], "cursor", 1)]


def test_what_only_leads_somewhere_needs_no_name(each_station: Station) -> None:
    program = limited(each_station)
    site = each_station.one("Site", name="North")
    answer = program.answer(
        """query($id: ID!) { viewer { name kind epoch permissions sites(first: 1, order: NAME) { totalCount } }
        node(id: $id) { __typename ... on Site { name address { __typename city } } }
        nodes(ids: [$id]) { ... on Site { name } } __schema { queryType { name } } }""",
        id=site,
    )
    assert "errors" not in answer, answer
    assert answer["data"]["node"] == {
        "__typename": "Site",
        "name": "North",
        "address": {"__typename": "Address", "city": "North City"},
    }


def test_the_list_shrinks_and_grows_at_once(each_station: Station) -> None:
    """The first answer after a change follows it, in both directions, also where plans and standings are remembered."""
    program = limited(each_station)
    for _ in range(3):
        assert "errors" not in program.answer(SITES)
        program.change(fields=["Site.name"])
        assert refused(program.answer(SITES)) == [("Address.city", ["sites", "nodes", "address", "city"], None, 1)]
        program.change(fields=[])
        assert len(refused(program.answer(SITES))) == 3
        program.change(fields=None)
        assert "errors" not in program.answer("{ sites(first: 50) { nodes { id name timeZone } } }")
        program.change(fields=FIELDS)


def test_a_list_holds_only_names_there_are(own_station: Station) -> None:
    program = limited(own_station)
    for names in (["Site.nonsense"], ["site.name"], ["Query.sites"], ["Site"], [""], ["Site.address"]):
        document = """mutation($i: UpdatePartnerApplicationInput!) { updatePartnerApplication(input: $i) {
          userErrors { code field } } }"""
        payload = own_station.ask(ADMINISTRATOR, document, i={"id": program.id, "fields": names})
        assert payload["updatePartnerApplication"]["userErrors"] == [{"code": "UNKNOWN_FIELD", "field": ["fields"]}]
    shown = own_station.ask(
        ADMINISTRATOR, "query($id: ID!) { node(id: $id) { ... on PartnerApplication { fields } } }", id=program.id
    )
    assert shown["node"]["fields"] == FIELDS


def test_rights_still_come_before_names(each_station: Station) -> None:
    """A name on the list opens nothing that the scopes do not show."""
    program = enrolled(each_station, "sites:read", "jobs:read", fields=["Job.title", "Job.cost", "Contact.name"])
    answer = program.answer("{ jobs(first: 1) { nodes { title cost { amount } } } contacts(first: 1) { totalCount } }")
    assert answer["data"]["contacts"]["totalCount"] == 0
    assert answer["data"]["jobs"]["nodes"][0]["cost"] is None
    assert [one["extensions"]["permission"] for one in answer["errors"]] == ["jobs.cost"]
