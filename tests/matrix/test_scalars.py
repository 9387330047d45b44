"""Values that are no values: refused with a code, by whatever way they come, and never by a fault of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.matrix.checking import Checker

REFUSED = {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}
WIDE = "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}"
DECIMALS = [
    "NaN", "sNaN", "Infinity", "-Infinity", "1e5", "1e999999", WIDE, "1_000", " 1", "1 ", "", "+1", ".5", "1.", "01",
    "0x1", "1.1234567", "1" * 19, "-", "--1", "1,5", "1\u0660", 1.5, True, None, [], {},
]  # fmt: skip
INSTANTS = [
    "2026-07-02", "2026-07-02T10:00:00", "2026-07-02 10:00:00Z", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
    "2026-07-02T25:00:00Z", "2026-07-02T10:00:00+25:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-07-02T10:00:60Z", f"20{WIDE}-07-02T10:00:00Z", "now", "", 0, 1.0, True, [], {},
]  # fmt: skip
DATES = ["2026-7-2", "2026-02-30", "2026-07-02T00:00:00Z", "20260702", f"20{WIDE}-07-02", "0000-01-01", "", 5, True, {}]
INTS = [2**31, -(2**31) - 1, 1.5, "1", True, "NaN", {}]
CASES = [
    *(("Decimal!", "{ contracts(first: 1, filter: {baseRate: {since: %s}}) { totalCount } }", one) for one in DECIMALS),
    *(("DateTime!", "{ jobs(first: 1, filter: {scheduled: {since: %s}}) { totalCount } }", one) for one in INSTANTS),
    *(("DateTime!", "{ sites(first: 1, filter: {updatedSince: %s}) { totalCount } }", one) for one in INSTANTS),
    *(("Date!", "{ reports(first: 1, filter: {period: {before: %s}}) { totalCount } }", one) for one in DATES),
    *(("Int!", "{ sites(first: %s) { totalCount } }", one) for one in INTS),
    *(("ID!", "{ node(id: %s) { id } }", one) for one in (True, 1.5, [], {})),
    *(("JobStatus!", "{ jobs(first: 1, filter: {status: [%s]}) { totalCount } }", one) for one in ("NOPE", 1, True)),
]


@pytest.mark.parametrize(("kind", "document", "value"), CASES)
async def test_nonsense_is_refused_as_a_variable(kind: str, document: str, value: Any, checker: Checker) -> None:
    answer = await checker.ask("administrator", f"query($v: {kind}) " + document % "$v", {"v": value})
    assert {error["extensions"]["code"] for error in answer["errors"]} <= REFUSED, answer
    assert not answer.get("data")


@pytest.mark.parametrize(
    ("kind", "document", "value"), [case for case in CASES if isinstance(case[2], (str, int, float))]
)
async def test_nonsense_is_refused_where_it_is_written(kind: str, document: str, value: Any, checker: Checker) -> None:
    if kind == "ID!" and isinstance(value, int) and not isinstance(value, bool):
        pytest.skip("an integer is an ID as GraphQL writes it")
    answer = await checker.ask("administrator", document % json.dumps(value))
    assert {error["extensions"]["code"] for error in answer["errors"]} <= REFUSED, (kind, answer)
    assert not answer.get("data")


TEXTS = ["a\\u0000b", "\\u0000", "\\ud800", "\\udc00x", "\\ud800\\ud800"]
PLACES = [
    '{ sites(first: 1, filter: {search: "%s"}) { totalCount } }',
    '{ sites(first: 1, filter: {country: ["%s"]}) { totalCount } }',
    '{ sites(first: 1, after: "%s") { totalCount } }',
    '{ node(id: "%s") { id } }',
    '{ whyNot(id: "x", field: "%s") { code } }',
    'mutation { createOrganization(input: {legalName: "%s", shortName: "ok", location: '
    "LOCAL}) { userErrors { code } } }",
    'mutation { createOrganization(input: {legalName: "fine", shortName: "ok", location: '
    'LOCAL, idempotencyKey: "%s"}) { userErrors { code } } }',
    'mutation { createStaffUser(input: {name: "fine", email: "a@b.example", jobTitle: "%s"}) { userErrors { code } } }',
]


@pytest.mark.parametrize("document", PLACES)
@pytest.mark.parametrize("text", TEXTS)
async def test_what_no_database_can_hold_is_refused(document: str, text: str, checker: Checker) -> None:
    answer = await checker.ask("administrator", document % text)
    assert {error["extensions"]["code"] for error in answer["errors"]} <= REFUSED
    assert not answer.get("data")


@pytest.mark.parametrize("text", ["\x01", "a\x1bb", "\x7f", " ", "", "x" * 192, "\N{ZERO WIDTH SPACE}"])
async def test_odd_names_are_refused_by_the_command_or_kept_as_they_are(text: str, checker: Checker) -> None:
    document = (
        "mutation($name: String!, $id: ID!) { updateSite(input: {id: $id, name: $name, "
        "expectedVersion: 99}) { userErrors { code } } }"
    )
    site = next(iter(checker.eyes("administrator").rows("Site")))["id"]
    answer = await checker.ask("administrator", document, {"name": text, "id": site})
    assert [error["code"] for error in answer["data"]["updateSite"]["userErrors"]] == ["CONFLICT"]
