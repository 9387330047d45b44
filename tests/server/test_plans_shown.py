"""In development an answer says how it came about, if it is asked to; otherwise nobody learns the statement."""

from __future__ import annotations

from typing import Any

import pytest

from server.metrics import REGISTRY
from tests.server.talking import Station

pytestmark = pytest.mark.usefixtures("untroubled")


def ask(station: Station, query: str, **headers: str) -> Any:
    bearer = station.bearer("administrator")
    return station.http.post("/graphql", json={"query": query}, headers=bearer | headers).json()


@pytest.fixture
def developing(station: Station) -> Any:
    operations = station.process.operations
    operations.shows_plans = True
    yield station
    operations.shows_plans = False


def test_the_statement_is_shown(developing: Station) -> None:
    answer = ask(developing, "{ viewer { name } }", **{"portico-plan": "1"})
    plan = answer["extensions"]["plan"]
    assert answer["data"] == {"viewer": {"name": "Administrator"}}
    assert plan["way"] == "compiled"
    assert plan["statements"] in (1, 2)
    assert plan["sql"].startswith("select convert_to(")


def test_the_fields_that_python_makes_are_named(developing: Station) -> None:
    """The statement reads what they are made of: nothing else of the document is executed field by field."""
    query = "{ users(first: 9) { nodes { name grants(first: 1) { nodes { name confers } } } } auditTrail(first: 1) "
    answer = ask(developing, query + "{ totalCount } }", **{"portico-plan": "1"})
    plan = answer["extensions"]["plan"]
    assert (plan["way"], plan["python"]) == ("compiled", ["Grant.confers"])
    assert any(
        one["grants"]["nodes"][0]["confers"] for one in answer["data"]["users"]["nodes"] if one["grants"]["nodes"]
    )
    assert ask(developing, "{ viewer { name } }", **{"portico-plan": "1"})["extensions"]["plan"]["python"] == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("{ __schema { queryType { name } } viewer { name } }", "Query.__schema"),
        ('{ viewer { name } __type(name: "Job") { name } }', "Query.__type"),
        ("{ jobs { totalCount } }", "the size of a page"),
    ],
)
def test_each_way_of_falling_back_has_its_reason(developing: Station, query: str, reason: str) -> None:
    plan = ask(developing, query, **{"portico-plan": "1"})["extensions"]["plan"]
    assert plan == {"way": "field by field", "reason": reason}


def test_what_falls_back_says_why(developing: Station) -> None:
    plan = ask(developing, "{ __typename whyNot: __schema { queryType { name } } }", **{"portico-plan": "1"})
    assert plan["extensions"]["plan"] == {"way": "field by field", "reason": "Query.__schema"}


def test_nobody_is_told_who_did_not_ask_or_is_not_developing(station: Station, developing: Station) -> None:
    assert "extensions" not in ask(developing, "{ viewer { name } }")
    developing.process.operations.shows_plans = False
    assert "extensions" not in ask(station, "{ viewer { name } }", **{"portico-plan": "1"})


def counted() -> tuple[float, ...]:
    ways = ("compiled", "field by field")
    return tuple(REGISTRY.get_sample_value("portico_operation_statements_count", {"way": way}) or 0 for way in ways)


def test_both_ways_are_counted(station: Station) -> None:
    compiled, field_by_field = counted()
    ask(station, "{ viewer { name } }")
    ask(station, "{ __schema { queryType { name } } }")
    assert counted() == (compiled + 1, field_by_field + 1)
