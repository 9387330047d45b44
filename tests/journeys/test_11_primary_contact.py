"""Journey 11: of two people who make another contact primary at once one wins, and there is exactly one primary.

There are no invoices yet; whom they go to is told here when there are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.journeys.test_06_scope_matrix import northwind_of
from tests.server.talking import Station

MOVE = """mutation($id: ID!, $believed: ID) {
  makeContactPrimary(input: {id: $id, expectedPrimaryId: $believed}) {
    contact { id isPrimary } userErrors { code field currentVersion } } }"""
PEOPLE = """query($id: ID!) { node(id: $id) { ... on Organization {
  contacts(first: 50) { nodes { id name version isPrimary } } } } }"""
PRIMARY = """query($id: ID!) { node(id: $id) { ... on Organization {
  contacts(first: 5, filter: {isPrimary: true}) { nodes { id } } } } }"""
ROUNDS = 12


def contacts_of(station: Station) -> dict[str, dict[str, Any]]:
    """Northwind's contacts by their first names."""
    found = station.ask("ada", PEOPLE, id=northwind_of(station))["node"]["contacts"]["nodes"]
    return {one["name"].partition(" ")[0]: one for one in found}


def primaries(station: Station) -> list[str]:
    return [one["id"] for one in station.ask("ada", PRIMARY, id=northwind_of(station))["node"]["contacts"]["nodes"]]


def move(station: Station, to: str, believed: str | None) -> Any:
    return station.ask("ada", MOVE, id=to, believed=believed)["makeContactPrimary"]


def test_journey_11_one_of_two_moves_wins_and_one_contact_is_primary(fixture_r: tuple[Station, Station]) -> None:
    people = contacts_of(fixture_r[0])
    assert [name for name, one in people.items() if one["isPrimary"]] == ["Ann"]
    held, others = people["Ann"]["id"], [people[name]["id"] for name in ("Ben", "Cal")]
    with ThreadPoolExecutor(2) as at_once:
        for _ in range(ROUNDS):
            moves = [at_once.submit(move, one, to, held) for one, to in zip(fixture_r, others, strict=True)]
            answers = [one.result() for one in moves]
            won = [one["contact"]["id"] for one in answers if not one["userErrors"]]
            lost = [one for one in answers if one["userErrors"]]
            assert len(won) == len(lost) == 1
            assert lost[0]["contact"] is None
            assert [(one["code"], one["field"]) for one in lost[0]["userErrors"]] == [
                ("CONFLICT", ["expectedPrimaryId"])
            ]
            now = {one["id"]: one for one in contacts_of(fixture_r[1]).values()}
            assert lost[0]["userErrors"][0]["currentVersion"] == now[won[0]]["version"]
            assert primaries(fixture_r[0]) == primaries(fixture_r[1]) == won
            others = [held, next(one for one in others if one != won[0])]
            held = won[0]


def test_journey_11_without_a_belief_the_last_one_wins(fixture_r: tuple[Station, Station]) -> None:
    """And what was asked for is what is answered, never two primaries."""
    people = contacts_of(fixture_r[0])
    with ThreadPoolExecutor(8) as at_once:
        names = ("Ann", "Ben", "Cal") * 8
        moves = [
            at_once.submit(move, fixture_r[number % 2], people[name]["id"], None) for number, name in enumerate(names)
        ]
        answers = [one.result() for one in moves]
    assert [one["userErrors"] for one in answers] == [[]] * len(names)
    assert len(primaries(fixture_r[0])) == 1


def test_journey_11_a_stale_version_is_a_conflict_too(fixture_r: tuple[Station, Station]) -> None:
    station, _ = fixture_r
    ben = contacts_of(station)["Ben"]
    station.command("ada", "updateContact", id=ben["id"], jobTitle="Manager")
    inner = "makeContactPrimary(input: $i) { userErrors { code currentVersion } }"
    document = f"mutation($i: MakeContactPrimaryInput!) {{ {inner} }}"
    refused = station.ask("ada", document, i={"id": ben["id"], "expectedVersion": ben["version"]})
    assert refused["makeContactPrimary"]["userErrors"] == [{"code": "CONFLICT", "currentVersion": ben["version"] + 1}]
    assert primaries(station) == [contacts_of(station)["Ann"]["id"]]
