"""What operations cost, who is told, and what sockets pay."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.partners.program import ADMINISTRATOR, codes, enrolled
from tests.server.talking import Station, socket

DEAR = """{ organizations(first: 100) { nodes { shortName
  all: sites(first: 50) { ...Heavy } contacts(first: 1) { nodes { name } } } } }
  fragment Heavy on SiteConnection { nodes { name jobs(first: 2) { nodes { title } } } }"""


def cost(station: Station, query: str, /, **variables: Any) -> Any:
    """What an operation of the staff would have cost."""
    body = {"query": query, "variables": variables}
    headers = {**station.bearer(ADMINISTRATOR), "portico-cost": "1"}
    return station.http.post("/graphql", json=body, headers=headers).json()


def test_people_are_told_when_they_ask_and_pay_nothing(each_station: Station) -> None:
    query = "{ organizations(first: 3) { nodes { shortName sites(first: 2) { nodes { name } } } } }"
    told = cost(each_station, query)
    assert told["extensions"]["cost"] == {
        "requested": 9,
        "actual": 3 + sum(len(one["sites"]["nodes"]) for one in told["data"]["organizations"]["nodes"]),
        "max": 10_000,
        "available": None,
        "restoreRate": None,
    }
    assert "extensions" not in each_station.answer(ADMINISTRATOR, query)


@pytest.mark.parametrize(
    ("query", "requested", "actual"),
    [
        ("{ viewer { name } }", 1, 0),
        ('{ nodes(ids: ["x", "y"]) { id } }', 2, 0),
        ("{ a: sites(first: 4) { n: nodes { name } e: edges { node { name } } } }", 4, 4),
        ("{ sites(first: 2) { ...F } } fragment F on SiteConnection { edges { node { jobs(first: 3) { totalCount } } } }",  # noqa: E501
         8, 2),
        ("query($n: Int = 3) { sites(last: $n) { nodes { id } } }", 3, 3),
        ("{ sites(first: 3) { nodes @skip(if: true) { id } totalCount } }", 3, 0),
    ],
)  # fmt: skip
def test_what_is_counted(query: str, requested: int, actual: int, each_station: Station) -> None:
    told = cost(each_station, query)["extensions"]["cost"]
    assert (told["requested"], told["actual"]) == (requested, actual)


def test_an_operation_that_is_too_dear_says_which_part(own_station: Station) -> None:
    (error,) = own_station.answer(ADMINISTRATOR, DEAR)["errors"]
    said = error["extensions"]
    assert (said["code"], said["limit"], said["part"]) == (
        "QUERY_TOO_COMPLEX",
        "rows",
        ["organizations", "nodes", "all", "nodes", "jobs"],
    )
    assert error["message"].endswith("The dearest part is organizations.nodes.all.nodes.jobs.")


def test_what_no_bucket_can_hold_is_refused_for_good(own_station: Station) -> None:
    program = enrolled(own_station, bucket=100)
    query = "{ organizations(first: 50) { nodes { sites(first: 2) { nodes { name } } } } }"
    (error,) = program.answer(query)["errors"]
    said = error["extensions"]
    assert (said["code"], said["limit"], said["asked"], said["most"]) == ("QUERY_TOO_COMPLEX", "points", 150, 100)
    assert program.answer("{ viewer { name } }")["extensions"]["cost"]["available"] == 99


def test_what_is_refused_for_its_fields_costs_nothing(own_station: Station) -> None:
    program = enrolled(own_station, fields=["Site.name"], restoreRate=1)
    assert codes(program.answer("{ sites(first: 90) { nodes { id } } }")) == ["FIELD_FORBIDDEN"]
    assert program.answer("{ viewer { name } }")["extensions"]["cost"]["available"] == 9_999


@pytest.mark.anyio
async def test_sockets_pay_as_well(own_station: Station) -> None:
    program = enrolled(own_station, bucket=100, restoreRate=1)
    many = "{ sites(first: 60) { nodes { name } } }"
    async with socket(own_station) as line:
        await line.init({"authorization": f"Bearer {program.token}"})
        await line.subscribe("one", many)
        first = await line.of("one")
        assert first["payload"]["extensions"]["cost"]["requested"] == 60
        assert await line.of("one") == {"id": "one", "type": "complete"}
        await line.subscribe("two", many)
        assert codes((await line.of("two"))["payload"]) == ["THROTTLED"]
        await line.subscribe("three", "subscription { access { sites(first: 60) { nodes { name } } } }")
        assert await line.refusal("three") == ["THROTTLED"]
        await line.subscribe("four", "subscription { access { epoch } }")
        assert (await line.data("four"))["access"]["epoch"] > 0
        assert program.answer("{ viewer { name } }")["extensions"]["cost"]["available"] <= 41


def test_twenty_at_once_spend_no_point_twice(each_station: Station) -> None:
    """Threads of one client, each with its own connection."""
    program = enrolled(each_station, bucket=100, restoreRate=1)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: program.answer("{ sites(first: 10) { nodes { name } } }"), range(20)))
    assert 10 <= sum("data" in one for one in answers) <= 11
