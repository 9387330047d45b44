"""What a change of access would mean is told by one statement, and is what the change then does."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

import models
from compiler.full import FULL
from models.database import application_engine
from resolvers.ids import encode
from server.operations import Operations
from tests.compiler.arena import Arena, Case, answered
from tests.compiler.company import Viewer
from tests.compiler.drafts import draft
from tests.compiler.givens import Pool
from tests.domain.foretelling import PREVIEW as FORETOLD
from tests.domain.foretelling import SET, assert_came, seen, shown

PREVIEW = """query($u: ID!, $g: [GrantInput!]!) { accessPreview(userId: $u, grants: $g) { epoch __typename
  appears { ...rows } vanishes { ...rows } fields { __typename type field permission gained lost } } }
fragment rows on AccessDifference { __typename type reportKind count nodes { id __typename viewerPermissions
  ... on Job { title cost { amount } } ... on Contract { baseRate { amount } site { name } }
  ... on Organization { internalNotes } } }"""
REFUSED = "a change of access that is refused"
ASKING = ("administrator", "access_manager", "raw", "account_manager", "portal_mixed", "inviting_at_sites")


def drafted(chance: random.Random, arena: Arena, viewer: Viewer) -> dict[str, Any]:
    pool = Pool(0, arena.companies, arena.viewers)
    company = pool.company_of(viewer)
    known = pool.seen(viewer, models.User) if chance.random() < 0.9 else company.rows[models.User]
    user = chance.choice(known or company.rows[models.User])
    return {"u": encode(models.User, user["id"]), "g": draft(chance, company, user)}


async def told(arena: Arena, viewer: Viewer, variables: dict[str, Any]) -> Any:
    """The answer both executors give."""
    case = Case(PREVIEW, variables, None, viewer)
    difference = await arena.difference(case)
    assert difference is None, f"{case}\nordinary: {difference[0]}\ncompiled: {difference[1]}"
    return await answered(arena.compiled, case)


@pytest.mark.parametrize("name", ASKING)
async def test_any_draft_is_told_alike(executors: Arena, name: str) -> None:
    viewer, chance = executors.viewer(name), random.Random(name)
    codes, shows, compiled = Counter[str](), Counter[str](), executors.counting.compiled
    fallen = executors.counting.fallen.copy()
    for _ in range(25):
        answer = await told(executors, viewer, drafted(chance, executors, viewer))
        codes.update(one["extensions"]["code"] for one in answer.get("errors", ()))
        found = (answer["data"] or {}).get("accessPreview") or {}
        shows.update(key for key, value in found.items() if value)
    refusals = executors.counting.fallen - fallen
    assert refusals.keys() <= {REFUSED, "a place there is not"}
    assert codes.total() >= refusals.total() / 2
    if name == "administrator":
        assert executors.counting.compiled - compiled >= 20
        assert min(shows[key] for key in ("appears", "vanishes", "fields")) >= 3


async def test_the_rules_in_full_foretell_the_same(executors: Arena) -> None:
    operations, counting = executors.with_rules(FULL)
    for name in ("administrator", "access_manager"):
        viewer, chance = executors.viewer(name), random.Random(name)
        for _ in range(8):
            case = Case(PREVIEW, drafted(chance, executors, viewer), None, viewer)
            difference = await executors.difference(case, operations)
            assert difference is None, f"{case}\nordinary: {difference[0]}\ncompiled: {difference[1]}"
    assert counting.compiled >= 8


async def test_two_drafts_in_one_document(executors: Arena) -> None:
    """Each has tables of its own."""
    viewer, chance = executors.viewer("administrator"), random.Random(2)
    first, second = (drafted(chance, executors, viewer) for _ in range(2))
    text = """query($u: ID!, $g: [GrantInput!]!, $v: ID!, $h: [GrantInput!]!) {
      one: accessPreview(userId: $u, grants: $g) { epoch appears { type count } }
      two: accessPreview(userId: $v, grants: $h) { vanishes { type count nodes { id } } }
      none: accessPreview(userId: $u, grants: []) { vanishes { type count } } }"""
    case = Case(text, {**first, "v": second["u"], "h": second["g"]}, None, viewer)
    before = executors.counting.compiled
    assert await executors.difference(case) is None
    assert executors.counting.compiled == before + 1


async def test_ordinary_execution_needs_one_connection(executors: Arena) -> None:
    """Whoever holds one must not wait for another: once all do, nobody gets any."""
    url = executors.services.engine.url.render_as_string(hide_password=False)
    engine = application_engine(url, pool_size=1, overflow=0)
    operations = Operations(replace(executors.services, engine=engine))
    viewer, chance = executors.viewer("administrator"), random.Random(3)
    cases = [Case(PREVIEW, drafted(chance, executors, viewer), None, viewer) for _ in range(3)]
    try:
        answers = [await answered(operations, case) for case in cases]
    finally:
        await engine.dispose()
    assert answers == [await answered(executors.compiled, case) for case in cases]


@pytest.mark.parametrize("name", ["portal_two_sites", "portal_mixed", "layered", "portal_party"])
async def test_what_is_foretold_is_what_comes(own_executors: Arena, name: str) -> None:
    """One change after the other, each saved as it was foretold."""
    person, chance, saved = own_executors.viewer(name), random.Random(name), 0
    company = Pool(0, own_executors.companies, own_executors.viewers).company_of(person)
    user = next(one for one in company.rows[models.User] if one["id"] == person.user_id)
    id = encode(models.User, person.user_id)

    async def ask(viewer: str, text: str, variables: dict[str, Any] | None = None) -> Any:
        case = Case(text, variables or {}, None, own_executors.viewer(viewer))
        if "accessPreview" in text:
            assert await own_executors.difference(case) is None
        return await answered(own_executors.compiled, case)

    for _ in range(6):
        grants = draft(chance, company, user)
        before = await seen(ask, name), await shown(ask, name)
        preview = await ask("administrator", FORETOLD, {"u": id, "g": grants})
        epoch = (preview["data"] or {}).get("accessPreview", {}).get("epoch")
        change = {"i": {"id": id, "grants": grants, "expectedEpoch": epoch}}
        refusals = (await ask("administrator", SET, change))["data"]["setAccess"]["userErrors"]
        assert [one["code"] for one in refusals] == [one["extensions"]["code"] for one in preview.get("errors", ())]
        if not refusals:
            saved += 1
            assert_came(preview["data"]["accessPreview"], before, (await seen(ask, name), await shown(ask, name)))
    assert saved >= 2
