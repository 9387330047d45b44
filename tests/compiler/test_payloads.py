"""What a command answers with of its row is read by one compiled statement, and says what ordinary execution says.

The commands are pretences here: each gives back a row that is there already, or is not, so that any payload can be
asked for by anybody. All the rest is real: the transaction, the admission, the answer.
"""

from __future__ import annotations

import itertools
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
from asyncpg import QueryCanceledError
from graphql import GraphQLEnumType, GraphQLNonNull, get_named_type, is_list_type

import models
from domain.refusals import Refused
from resolvers.actions import ACTIONS, Action
from resolvers.commands import Acting, Order, Unauthenticated
from resolvers.ids import encode
from schema import mutations
from schema.root import graphql_schema
from server import execution
from server.contract import Answer, GraphQLRequest
from server.execution import Execution, field_by_field
from server.operations import Operations
from server.reads import ActorStandings
from server.views import SnapshotView
from tests.compiler.arena import SECRET, Arena, Case, Counting, answered
from tests.compiler.differential import reaches_rows
from tests.compiler.generator import Generator

ROUNDS = 6
"""How many payloads are asked for of every command."""


class Reference(Operations):
    """Ordinary execution from the first field of a mutation to the last: what the others are held against."""

    async def _command(self, execution: Execution) -> Answer:
        return await field_by_field(execution, "the reference")


@dataclass
class Pretence:
    """What the commands do: nothing, and give back this row; or they refuse if there is none."""

    row: models.Versioned | None = None
    given: list[Order] = field(default_factory=list)

    async def act(self, acting: Acting) -> models.Versioned:
        if self.row is None:
            raise Refused("No.", field="id", code="INVALID")
        acting.session.expunge_all()
        return self.row

    def order(self, name: str, _: Any, given: Any, fields: Any) -> Order:
        self.given.append(Order(name, self.act, given, fields))
        return self.given[-1]


@pytest.fixture
def pretence(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pretence]:
    made = Pretence()
    monkeypatch.setattr(mutations, "Order", made.order)
    return made


def reference(arena: Arena) -> Operations:
    made = Reference(arena.services)
    made.documents = arena.ordinary.documents
    return made


def row_field(action: Action) -> str:
    name = action.model.__name__
    return f"{name[0].lower()}{name[1:]}"


def least(kind: Any) -> Any:
    """The least an input of this type takes."""
    if not isinstance(kind, GraphQLNonNull):
        return None
    named: Any = get_named_type(kind)
    if is_list_type(kind.of_type):
        return []
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    if hasattr(named, "fields"):
        return {name: least(one.type) for name, one in named.fields.items() if isinstance(one.type, GraphQLNonNull)}
    return {"Int": 1, "Boolean": True, "Date": "2026-01-01", "DateTime": "2026-01-01T00:00:00Z", "Decimal": "1"}.get(
        named.name, "text"
    )


def given_to(name: str) -> Any:
    return least(GraphQLNonNull(graphql_schema().type_map[f"{name[0].upper()}{name[1:]}Input"]))


def some_row(generator: Generator, case: Case, model: Any, dice: random.Random) -> models.Versioned | None:
    """Mostly a row the viewer sees; also any other, one of another company, one there is not, and a refusal."""
    company, chance = generator.company_of(case.viewer), dice.random()
    if chance < 0.04:
        return None
    rows = generator.seen(case.viewer, model) if chance < 0.85 else company.rows[model]
    if 0.92 < chance < 0.96:
        rows = next(one for one in generator.companies if one is not company).rows[model]
    if chance >= 0.96 or not rows:
        return model(tenant_id=company.tenant_id, id=uuid.UUID(int=dice.getrandbits(128)))
    return model(tenant_id=company.tenant_id, id=dice.choice(rows)["id"])


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_random_payloads_have_one_answer(executors: Arena, pretence: Pretence) -> None:
    generator, plain = Generator(5, executors.companies, executors.viewers), reference(executors)
    before, reached, codes, who = executors.counting.compiled, 0, Counter[str](), set[str]()
    asked = list(itertools.product(ACTIONS, range(ROUNDS)))
    for number, (action, _) in enumerate(asked):
        case = generator.payload(number, action.name, row_field(action))
        case.variables["input"] = given_to(action.name)
        pretence.row = some_row(generator, case, action.model, random.Random(number))
        expected, found = await answered(plain, case), await answered(executors.compiled, case)
        assert orjson.dumps(found) == orjson.dumps(expected), case
        if number % 4 == 0:
            assert await answered(executors.ordinary, case) == expected, case
        reached += (shown := reaches_rows(case, expected.get("data")))
        who |= {case.viewer.name} if shown else set()
        codes.update(one["extensions"]["code"] for one in expected.get("errors", ()))
    assert len(asked) >= 300
    assert reached >= 0.45 * len(asked), reached
    assert len(who) >= 12, who
    assert codes["FIELD_FORBIDDEN"] >= 10, codes
    assert executors.counting.compiled - before >= 0.8 * len(asked)


UPDATE = """mutation U($i: UpdateJobInput!, $all: Boolean = true) { u: updateJob(input: $i) {
  ...P @include(if: $all) userErrors { code } again: job { id } } }
fragment P on UpdateJobPayload { job { title site { name organization { shortName } } } job { cost { amount } } }"""


def a_job(arena: Arena, pretence: Pretence, viewer: str) -> Case:
    """The update of a job the viewer sees."""
    asker = arena.viewer(viewer)
    generator = Generator(1, arena.companies, arena.viewers)
    row = generator.seen(asker, models.Job)[0]
    pretence.row = models.Job(tenant_id=row["tenant_id"], id=row["id"])
    return Case(UPDATE, {"i": {"id": encode(models.Job, row["id"])}}, None, asker)


async def told(operations: Operations, case: Case, **asked: Any) -> Any:
    request = GraphQLRequest(case.text, case.variables, case.operation, **asked)
    return orjson.loads((await operations.execute(request, case.viewer.credential, "the-request")).body)


async def test_denied_fields_are_told_with_their_path_in_the_payload(executors: Arena, pretence: Pretence) -> None:
    case = a_job(executors, pretence, "portal_organization")
    answer = await answered(executors.compiled, case)
    assert answer == await answered(reference(executors), case)
    assert list(answer["data"]["u"]) == ["job", "userErrors", "again"]
    assert answer["data"]["u"]["job"]["cost"] is None
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["u", "job", "cost"], "FIELD_FORBIDDEN")


@pytest.mark.parametrize("all_", [True, False])
async def test_what_it_costs_and_how_it_was_answered(all_: bool, executors: Arena, pretence: Pretence) -> None:
    case = a_job(executors, pretence, "administrator")
    case.variables["all"] = all_
    executors.compiled.shows_plans = True
    try:
        for _ in range(2):
            answer = await told(executors.compiled, case, shows_cost=True, shows_plan=True)
    finally:
        executors.compiled.shows_plans = False
    expected = await told(reference(executors), case, shows_cost=True)
    plan = answer["extensions"].pop("plan")
    assert answer == expected
    assert (plan["way"], plan["statements"]) == ("compiled", 1)
    assert plan["sql"].startswith("select convert_to(")


async def test_one_plan_whatever_the_command_was_given(executors: Arena, pretence: Pretence) -> None:
    case = a_job(executors, pretence, "administrator")
    await answered(executors.compiled, case)
    misses = executors.counting.plans.misses
    for version in range(3):
        case.variables["i"] |= {"expectedVersion": version, "durationMinutes": 10 * version + 1}
        assert "errors" not in await answered(executors.compiled, case)
    assert executors.counting.plans.misses == misses


PAYLOAD = " fragment P on UpdateJobPayload { job { id title } }"


@pytest.mark.parametrize(
    "text",
    [
        "mutation($i: UpdateJobInput!) { a: updateJob(input: $i) { ...P } b: updateJob(input: $i) { ...P } }" + PAYLOAD,
        "mutation($i: UpdateJobInput!) { updateJob(input: $i) { job { id } } __typename }",
        "mutation($i: UpdateJobInput!) { ... { updateJob(input: $i) { job { id } } } }",
        "mutation($i: UpdateJobInput!) { updateJob(input: $i) @skip(if: false) { job { id } } }",
    ],
)
async def test_what_is_no_plain_command_is_answered_field_by_field(
    text: str, executors: Arena, pretence: Pretence
) -> None:
    case = replace(a_job(executors, pretence, "administrator"), text=text)
    looked_up = executors.counting.plans.hits + executors.counting.plans.misses
    executors.compiled.shows_plans = True
    answer = await told(executors.compiled, case, shows_plan=True)
    executors.compiled.shows_plans = False
    assert answer.pop("extensions") == {"plan": {"way": "field by field", "reason": "no plain command"}}
    assert answer == await answered(reference(executors), case)
    assert executors.counting.plans.hits + executors.counting.plans.misses == looked_up


async def test_nothing_is_read_that_is_not_asked_for(executors: Arena, pretence: Pretence) -> None:
    """Neither for a payload of user errors only, nor where there is no row to show."""
    case = a_job(executors, pretence, "administrator")
    before = executors.counting.compiled
    bare = replace(case, text="mutation($i: UpdateJobInput!) { u: updateJob(input: $i) { userErrors { code } } }")
    answer = await answered(executors.compiled, bare)
    assert answer["data"]["u"] == {"userErrors": []}
    pretence.row = None
    answer = await answered(executors.compiled, case)
    assert answer["data"]["u"] == {"job": None, "userErrors": [{"code": "INVALID"}], "again": None}
    assert executors.counting.compiled == before


class Failing:
    """A connection that fails as it is told to."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def value(self, *_: Any, **__: Any) -> bytes | None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionResetError("gone"), "RESULT_UNAVAILABLE"),
        (QueryCanceledError("slow"), "TIMEOUT"),
        (RuntimeError("a mistake"), "INTERNAL"),
    ],
)
async def test_a_command_that_was_carried_out_is_told_as_such(
    error: Exception, code: str, executors: Arena, pretence: Pretence
) -> None:
    case = a_job(executors, pretence, "administrator")
    compiled = Counting(Failing(error), ActorStandings(executors.services.engine), SECRET)
    answer = await answered(Operations(executors.services, compiled=compiled), case)
    assert answer["data"] == {"u": {"job": None, "userErrors": [], "again": None}}
    assert [one["path"] for one in answer["errors"]] == [["u", "job"], ["u", "again"]]
    assert {one["extensions"]["code"] for one in answer["errors"]} == {code}
    assert answer["errors"][1]["locations"] == [{"line": 2, "column": UPDATE.splitlines()[1].index("again") + 1}]


async def test_field_by_field_it_is_told_as_such_too(
    executors: Arena, pretence: Pretence, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: Any) -> None:
        raise ConnectionResetError

    case = a_job(executors, pretence, "administrator")
    monkeypatch.setattr(SnapshotView, "open", gone)
    answer = await answered(executors.ordinary, case)
    assert answer["data"] == {"u": {"job": None, "userErrors": [], "again": None}}
    assert {one["extensions"]["code"] for one in answer["errors"]} == {"RESULT_UNAVAILABLE"}


SEVERAL = """mutation($i: UpdateJobInput!) { a: updateJob(input: $i) { job { title } userErrors { code } }
  b: updateJob(input: $i) { job { title } userErrors { code } } c: updateJob(input: $i) { userErrors { code } } }"""


def fails(at: int, error: Exception, carry_out: Any) -> Any:
    """``carry_out``, but that its call of this number, from 1, fails."""
    calls = itertools.count(1)

    async def failing(*given: Any) -> Any:
        if next(calls) == at:
            raise error
        return await carry_out(*given)

    return failing


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionResetError("gone"), "SERVICE_UNAVAILABLE"),
        (QueryCanceledError("slow"), "TIMEOUT"),
        (RuntimeError("a mistake"), "INTERNAL"),
    ],
)
async def test_of_several_commands_those_that_were_carried_out_are_told(
    error: Exception, code: str, executors: Arena, pretence: Pretence, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = replace(a_job(executors, pretence, "administrator"), text=SEVERAL)
    monkeypatch.setattr(execution, "perform", fails(2, error, execution.perform))
    answer = await answered(executors.compiled, case)
    assert answer["data"]["a"]["job"]["title"]
    assert answer["data"]["a"]["userErrors"] == []
    assert answer["data"]["b"] == {"job": None, "userErrors": [{"code": code}]}
    assert answer["data"]["c"] == {"userErrors": [{"code": "NOT_CARRIED_OUT"}]}


async def test_an_outage_before_the_first_of_several_commands_is_one_of_all(
    executors: Arena, pretence: Pretence, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = replace(a_job(executors, pretence, "administrator"), text=SEVERAL)
    monkeypatch.setattr(execution, "perform", fails(1, ConnectionResetError("gone"), execution.perform))
    answer = await answered(executors.compiled, case)
    assert "data" not in answer
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["SERVICE_UNAVAILABLE"]


async def test_of_several_commands_a_row_that_cannot_be_read_is_told_as_such(
    executors: Arena, pretence: Pretence, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = replace(a_job(executors, pretence, "administrator"), text=SEVERAL)
    monkeypatch.setattr(SnapshotView, "renew", fails(1, ConnectionResetError("gone"), SnapshotView.renew))
    answer = await answered(executors.compiled, case)
    assert answer["data"]["a"] == {"job": None, "userErrors": []}
    assert answer["data"]["b"] == {"job": None, "userErrors": [{"code": "NOT_CARRIED_OUT"}]}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["a", "job"], "RESULT_UNAVAILABLE")


async def test_of_several_commands_nothing_is_shown_to_whoever_may_see_nothing_any_more(
    executors: Arena, pretence: Pretence, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = replace(a_job(executors, pretence, "administrator"), text=SEVERAL)
    monkeypatch.setattr(execution, "perform", fails(2, Unauthenticated(), execution.perform))
    answer = await answered(executors.compiled, case)
    assert answer["data"] is None
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["RESULT_WITHHELD"]
