"""Plans are kept by document, variables that change the statement, and shape; and what has no plan says why."""

import asyncio
import traceback
from typing import Any

import pytest

from compiler.plan import NotCompiled, Plan
from compiler.run import Recent
from tests.compiler.arena import Arena, Case, Counting, answered

SEARCH = "query ($text: String, $first: Int = 2) { jobs(first: $first, filter: {search: $text}) { nodes { id } } }"


def fresh(arena: Arena) -> Counting:
    _, counting = arena.with_rules(arena.counting.rules)
    return counting


async def ask(arena: Arena, counting: Counting, viewer: str, document: str, **variables: Any) -> Any:
    operations = type(arena.ordinary)(arena.services, compiled=counting)
    return await answered(operations, Case(document, variables, None, arena.viewer(viewer)))


async def test_a_plan_is_made_once(executors: Arena) -> None:
    counting = fresh(executors)
    for text in ("a", "b", "ω"):
        await ask(executors, counting, "administrator", SEARCH, text=text)
    assert (counting.plans.misses, counting.plans.hits) == (1, 2)


async def test_a_variable_that_changes_the_statement_makes_another(executors: Arena) -> None:
    counting = fresh(executors)
    for variables in ({"text": "a"}, {"text": "a", "first": 3}, {"text": None}, {}, {"first": 2}):
        await ask(executors, counting, "administrator", SEARCH, **variables)
    # A default that is given is the same as one that is left out; a null is another statement.
    assert (counting.plans.misses, counting.plans.hits) == (4, 1)


async def test_viewers_of_one_shape_share_a_plan(executors: Arena) -> None:
    counting = fresh(executors)
    text = "{ jobs(first: 1) { nodes { id } } }"
    await ask(executors, counting, "administrator", text)
    await ask(executors, counting, "foreign_administrator", text)
    assert (counting.plans.misses, counting.plans.hits) == (1, 1)
    await ask(executors, counting, "clerk", text)
    assert counting.plans.misses == 2


async def test_ids_of_one_type_share_a_plan(executors: Arena) -> None:
    counting = fresh(executors)
    text = "query ($id: ID!) { node(id: $id) { id } }"
    for id in ("job_" + "0" * 32, "job_" + "1" * 32, "sit_" + "0" * 32, "job_x", "nonsense"):
        await ask(executors, counting, "administrator", text, id=id)
    assert counting.plans.misses == 3
    assert counting.fallen == {"an id of another type": 1}


async def test_plans_are_bounded(executors: Arena) -> None:
    counting = fresh(executors)
    counting.plans = Recent(2)
    for number in (1, 2, 3, 1):
        await ask(executors, counting, "administrator", SEARCH, first=number)
    assert len(counting.plans) == 2
    assert counting.plans.misses == 4


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    recent: Recent[str, int] = Recent(2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert recent.recall("a") == 1
    recent.keep("c", 3)
    assert (recent.recall("a"), recent.recall("b"), recent.recall("c")) == (1, None, 3)


@pytest.mark.parametrize(
    ("viewer", "text", "reason"),
    [
        ("administrator", "{ auditTrail(first: 101) { nodes { action } } }", "the size of a page"),
        ("administrator", '{ auditTrail(first: 1, after: "x") { totalCount } }', "a cursor that is not of this list"),
        (
            "administrator",
            '{ accessPreview(userId: "usr_' + "0" * 32 + '", grants: []) { epoch } }',
            "a change of access that is refused",
        ),
        (
            "administrator",
            '{ accessPreview(userId: "usr_' + "0" * 32 + '", grants: [{name: "jobs", placeId: "x"}]) { epoch } }',
            "a place there is not",
        ),
        ("administrator", '{ checkPermission(slug: "jobs.view", at: "x") { allowed } }', "a place there is not"),
        ("nobody", '{ checkPermission(slug: "x", at: "org_' + "0" * 32 + '") { allowed } }', "a place there is not"),
        ("administrator", '{ checkPermission(slug: "x") { allowed } }', "a right there is not"),
        ("administrator", "{ jobs { nodes { id } } }", "the size of a page"),
        ("administrator", "{ jobs(first: 1, last: 1) { nodes { id } } }", "the size of a page"),
        ("administrator", "{ jobs(first: 101) { nodes { id } } }", "the size of a page"),
        ("administrator", '{ jobs(first: 1, after: "x") { totalCount } }', "a cursor that is not of this list"),
        (
            "portal_mixed",
            "{ contracts(first: 1, order: BASE_RATE) { totalCount } }",
            "sorting or filtering by a guarded field",
        ),
        ("clerk", "{ jobs(first: 1, filter: {cost: {}}) { totalCount } }", "sorting or filtering by a guarded field"),
        ("administrator", "{ nodes(ids: [" + '"x",' * 101 + "]) { id } }", "too many ids"),
        ("administrator", "{ __schema { queryType { name } } viewer { name } }", "Query.__schema"),
    ],
)
async def test_what_is_left_to_ordinary_execution(executors: Arena, viewer: str, text: str, reason: str) -> None:
    counting = fresh(executors)
    first = await ask(executors, counting, viewer, text)
    assert counting.fallen == {reason: 1}
    assert await answered(executors.ordinary, Case(text, {}, None, executors.viewer(viewer))) == first


async def test_a_remembered_refusal_does_not_grow(executors: Arena) -> None:
    counting = fresh(executors)
    for _ in range(20):
        await ask(executors, counting, "administrator", "{ jobs { totalCount } }")
    (kept,) = counting.plans.values()
    assert isinstance(kept, NotCompiled)
    assert len(traceback.extract_tb(kept.__traceback__)) <= 1
    assert (counting.plans.misses, counting.plans.hits) == (1, 19)


async def test_many_at_once(executors: Arena) -> None:
    counting = fresh(executors)
    names = [one.name for one in executors.viewers] * 3
    answers = await asyncio.gather(*(ask(executors, counting, name, SEARCH, text="a") for name in names))
    for name, answer in zip(names, answers, strict=True):
        case = Case(SEARCH, {"text": "a"}, None, executors.viewer(name))
        assert answer == await answered(executors.ordinary, case)


SMALL = {
    "query ($id: ID!) { node(id: $id) { ... on Job { title site { name organization { shortName } } } } }": True,
    "{ viewer { id user { name } tenant { name } } }": True,
    "query ($id: ID!) { node(id: $id) { ... on Site { jobs(first: 1) { nodes { id } } } } }": False,
    "query ($id: ID!) { node(id: $id) { ... on Site { jobs(first: 1) { totalCount } } } }": False,
    "query ($id: ID!) { nodes(ids: [$id]) { id } }": False,
    "{ viewer { places { permissions } } }": False,
    "{ users(first: 1) { nodes { id } } }": False,
}


@pytest.mark.parametrize("document", SMALL)
async def test_what_reads_single_rows_only_is_small(executors: Arena, document: str) -> None:
    counting = fresh(executors)
    given = {"id": ("job_" if "Job" in document else "sit_") + "0" * 32} if "$id" in document else {}
    await ask(executors, counting, "administrator", document, **given)
    (plan,) = counting.plans.values()
    assert isinstance(plan, Plan)
    assert plan.small is SMALL[document]


async def test_what_reads_very_many_single_rows_is_not_small(executors: Arena) -> None:
    counting = fresh(executors)
    nodes = " ".join(f'n{number}: node(id: "job_{number:032x}") {{ ... on Job {{ title }} }}' for number in range(20))
    await ask(executors, counting, "administrator", f"{{ {nodes} }}")
    (plan,) = counting.plans.values()
    assert isinstance(plan, Plan)
    assert not plan.small
