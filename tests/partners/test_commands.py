"""Commands of programs: settled in their own transaction, as strictly as what they read."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.partners.program import Program, codes, enrolled
from tests.server.talking import Station
from tests.world.mirror import plain

RENAME = """mutation($id: ID!, $name: String!, $key: String) {
  updateSite(input: {id: $id, name: $name, idempotencyKey: $key}) {
    site { name jobs(first: 10) { nodes { title } } } userErrors { code permission } } }"""


def renamed(program: Program, station: Station, name: str = "Northern", key: str | None = None) -> Any:
    return program.answer(RENAME, id=station.one("Site", name="North"), name=name, key=key)


def empowered(station: Station, **given: Any) -> Program:
    """A program that may change sites, which no scope lets it: rights are the database's word."""
    program = enrolled(station, **given)
    with psycopg.connect(plain(station.place.url), autocommit=True) as connection:
        connection.execute(
            "insert into access_grant (tenant_id, id, user_id, kind, name, cause)"
            " select tenant_id, gen_random_uuid(), user_id, 'PERMISSION', 'sites.edit', 'MANUAL'"
            " from access_grant where user_id = %s limit 1",
            (program.user[4:],),
        )
    return program


def available(program: Program) -> int:
    """What is left, after this question of one point."""
    return program.answer("{ viewer { kind } }")["extensions"]["cost"]["available"]


def names(station: Station) -> list[Any]:
    with psycopg.connect(plain(station.place.url)) as connection:
        return connection.execute("select name from site where name like 'North%%' order by name").fetchall()


def test_a_command_and_what_it_shows_are_paid_once(each_station: Station) -> None:
    program = empowered(each_station, bucket=1_000, restoreRate=1)
    before = available(program)
    answer = renamed(program, each_station)
    assert "errors" not in answer, answer
    assert answer["data"]["updateSite"]["userErrors"] == []
    cost = answer["extensions"]["cost"]
    jobs = answer["data"]["updateSite"]["site"]["jobs"]["nodes"]
    assert (cost["requested"], cost["actual"], cost["max"]) == (10, len(jobs), 1_000)
    assert before - 10 <= cost["available"] <= before
    assert available(program) <= cost["available"] + 1


def test_a_refusal_is_paid_for_like_an_answer(each_station: Station) -> None:
    program = enrolled(each_station, bucket=1_000, restoreRate=1)
    before = available(program)
    for number in range(10):
        answer = renamed(program, each_station, key=f"{number % 5}" if number % 2 else None)
        refusal = {"code": "FORBIDDEN", "permission": "EDIT_SITES"}
        assert answer["data"]["updateSite"] == {"site": None, "userErrors": [refusal]}, answer
        assert answer["extensions"]["cost"]["actual"] == 0
    assert available(program) <= before - 100 + 15


def test_whoever_cannot_pay_changes_nothing(each_station: Station) -> None:
    program, site = empowered(each_station, bucket=100, restoreRate=1), each_station.one("Site", name="North")
    dear = RENAME.replace("first: 10", "first: 60")
    assert "errors" not in program.answer(dear, id=site, name="Northern")
    response = program.send(dear, id=site, name="Northernmost")
    assert codes(response.json()) == ["THROTTLED"]
    assert "data" not in response.json()
    assert response.headers["retry-after"]
    dearer = RENAME.replace("nodes {", "nodes { contract { jobs(first: 10) { nodes { title } } }")
    (error,) = program.answer(dearer, id=site, name="Northernmost")["errors"]
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("QUERY_TOO_COMPLEX", "points")
    assert ("Northern",) in names(each_station)
    assert ("Northernmost",) not in names(each_station)


def test_a_list_of_fields_holds_for_commands_and_costs_nothing(each_station: Station) -> None:
    program, before = empowered(each_station, fields=["Site.name"], bucket=1_000, restoreRate=1), names(each_station)
    points = available(program)
    answer = renamed(program, each_station)
    assert "data" not in answer
    assert set(codes(answer)) == {"FIELD_FORBIDDEN"}
    assert "Mutation.updateSite" in [one["extensions"]["field"] for one in answer["errors"]]
    assert names(each_station) == before
    assert available(program) >= points - 1


def test_several_commands_in_one_document_are_paid_together(each_station: Station) -> None:
    program = empowered(each_station, bucket=1_000, restoreRate=1)
    two = """mutation($id: ID!) { a: updateSite(input: {id: $id, name: "North A"}) { site { name } }
      b: updateSite(input: {id: $id, name: "North B"}) { site { name jobs(first: 3) { nodes { title } } } } }"""
    answer = program.answer(two, id=each_station.one("Site", name="North"))
    shown = [answer["data"][key]["site"]["name"] for key in "ab"]
    assert shown == ["North A", "North B"]
    assert answer["extensions"]["cost"]["requested"] == 3


@pytest.mark.parametrize("key", [None, "once"])
def test_a_repetition_is_paid_for_and_happens_once(key: str | None, each_station: Station) -> None:
    program = empowered(each_station, bucket=1_000, restoreRate=1)
    answers = [renamed(program, each_station, key=key) for _ in range(2)]
    assert answers[0]["data"] == answers[1]["data"]
    assert answers[1]["extensions"]["cost"]["available"] < answers[0]["extensions"]["cost"]["available"]
