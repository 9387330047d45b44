"""The audit trail is read by one statement: the entries and the very cursors that ordinary execution gives."""

from __future__ import annotations

from typing import Any

import pytest

import models
from resolvers.audit import TrailCursors
from resolvers.ids import encode
from tests.compiler.arena import SECRET, Arena, Case, answered
from tests.compiler.company import Viewer
from tests.compiler.doors import ENTRIES
from tests.compiler.givens import Pool

VIEWERS = ("administrator", "access_manager", "account_manager", "raw", "portal_organization", "partner_everywhere",
           "portal_viewed", "nobody", "foreign_administrator")  # fmt: skip
ENTRY = """action at bySystem sequence hash previousHash changes { field before after }
  actor { id name } user { id email } organization { id shortName } site { id name organization { id } }"""
PAGE = f"""query($n: Int!, $a: String, $f: AuditFilter) {{ auditTrail(first: $n, after: $a, filter: $f) {{
  edges {{ cursor node {{ {ENTRY} }} }} again: edges {{ cursor }} nodes {{ __typename sequence action }}
  totalCount totalCountCapped pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""


async def page(arena: Arena, viewer: Viewer, **variables: Any) -> Any:
    """What both executors answer, compiled by the one that compiles."""
    case, before = Case(PAGE, variables, None, viewer), arena.counting.compiled
    difference = await arena.difference(case)
    assert difference is None, f"{case}\nordinary: {difference[0]}\ncompiled: {difference[1]}"
    assert arena.counting.compiled == before + 1, arena.counting.fallen
    return (await answered(arena.compiled, case))["data"]["auditTrail"]


@pytest.mark.parametrize("name", VIEWERS)
async def test_page_after_page(executors: Arena, name: str) -> None:
    viewer, after, found = executors.viewer(name), None, list[str]()
    while True:
        answer = await page(executors, viewer, n=7, a=after)
        found += [one["cursor"] for one in answer["edges"]]
        assert [one["cursor"] for one in answer["again"]] == found[len(found) - len(answer["edges"]) :]
        after = answer["pageInfo"]["endCursor"]
        if not answer["pageInfo"]["hasNextPage"]:
            break
    assert len(set(found)) == len(found) == answer["totalCount"]
    if name in ("administrator", "foreign_administrator"):
        assert len(found) == ENTRIES
    elif name in ("access_manager", "account_manager", "raw"):
        assert 0 < len(found) < ENTRIES
    else:
        assert not found


async def test_which_entries(executors: Arena) -> None:
    viewer = executors.viewer("administrator")
    company = Pool(0, executors.companies, executors.viewers).company_of(viewer)
    entry = next(
        one for one in company.rows[models.AuditEntry] if one["user_id"] and one["actor_id"] and one["site_id"]
    )
    site, organization = encode(models.Site, entry["site_id"]), encode(models.Organization, entry["organization_id"])
    user, actor = (encode(models.User, entry[name]) for name in ("user_id", "actor_id"))
    some: list[dict[str, Any]] = [
        {"user": user}, {"actor": actor}, {"at": site}, {"at": organization}, {"actions": [entry["action"]]},
        {"user": user, "actor": actor, "at": site, "actions": ["AccessRevoked", entry["action"]]},
        {"since": "2026-01-01T00:00:00Z"}, {"before": "9999-12-31T23:59:59.999999Z"},
    ]  # fmt: skip
    none: list[dict[str, Any]] = [
        {"user": site}, {"actor": "usr_x"}, {"at": user}, {"at": ""}, {"user": "nonsense"}, {"actions": ["nothing"]},
        {"since": "9999-12-31T23:59:59.999999Z", "before": "0001-01-01T00:00:00Z"},
    ]  # fmt: skip
    every: list[dict[str, Any] | None] = [None, {}, {"actions": []}, dict.fromkeys(("user", "actor", "at", "actions"))]
    for chosen in some:
        assert 0 < (await page(executors, viewer, n=100, f=chosen))["totalCount"] <= ENTRIES, chosen
    for chosen in none:
        assert (await page(executors, viewer, n=100, f=chosen))["totalCount"] == 0, chosen
    for chosen in every:
        assert (await page(executors, viewer, n=100, f=chosen))["totalCount"] == ENTRIES, chosen


async def test_ids_that_come_later_need_no_other_plan(executors: Arena) -> None:
    viewer = executors.viewer("administrator")
    for id in ("usr_" + "0" * 32, "usr_x", "usr_" + "1" * 32):
        assert (await page(executors, viewer, n=1, f={"user": id}))["totalCount"] == 0


def test_a_cursor_is_for_one_viewer_and_tells_nobody_anything() -> None:
    mine, theirs = (TrailCursors(SECRET, models.base.new_id()) for _ in range(2))
    written = [mine.write(sequence) for sequence in (1, 2, 2**40)]
    assert [mine.read(one) for one in written] == [1, 2, 2**40]
    assert len({len(one) for one in written}) == 1
    assert mine.write(1) == written[0]
    assert theirs.write(1) != written[0]
    changed = f"{int(written[0], 16) ^ 1:048x}"
    for other in (changed, written[0][:-2], "", "x", "é", written[0] + "00"):
        assert mine.read(other) is None
    assert theirs.read(written[0]) is None
