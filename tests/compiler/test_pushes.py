"""What is pushed is read by one compiled statement for all viewers of a shape, and is what ordinary execution says."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

import models
from auth.actor import Actor, Granted
from auth.grants import load_actors
from compiler import full, scope
from compiler.many import ForMany
from compiler.scope import Rules
from models import Place
from models.database import snapshot
from resolvers.ids import PREFIXES, Model, encode
from schema.subscriptions import Change, ChangeKind
from server.contract import GraphQLRequest
from server.documents import RequestRefused
from server.pushed import MOST_STATEMENTS
from server.subscribing import LiveDocument, live_document
from server.turns import SharedReader, Turn
from tests.compiler.arena import Arena, Case
from tests.compiler.company import Company
from tests.compiler.differential import reaches_rows
from tests.compiler.generator import Generator

DOCUMENTS = 240


@dataclass
class Crowd:
    """All viewers of a company, and one snapshot in which both ways answer them."""

    arena: Arena
    company: Company
    connection: AsyncConnection
    actors: Mapping[uuid.UUID, Actor]
    names: Mapping[uuid.UUID, str]

    def turn(self, many: ForMany | None) -> Turn:
        return Turn(self.arena.services, self.company.tenant_id, SharedReader(self.connection), self.actors, {}, many)


@asynccontextmanager
async def crowd(arena: Arena, company: Company) -> AsyncIterator[Crowd]:
    hashes = {one.credential.secret_hash: one for one in company.viewers}
    async with snapshot(arena.services.engine, company.tenant_id) as connection:
        table = models.Session.__table__
        rows = await connection.execute(select(table.c.id, table.c.secret_hash))
        sessions = {one.id: hashes[one.secret_hash] for one in rows if one.secret_hash in hashes}
        actors = await load_actors(connection, company.tenant_id, set(sessions))
        yield Crowd(arena, company, connection, actors, {id: one.name for id, one in sessions.items()})


def live_of(arena: Arena, case: Case) -> LiveDocument:
    prepared = arena.ordinary.prepare(GraphQLRequest(case.text, case.variables, case.operation))
    return live_document(prepared, case.variables)


async def changes(turn: Turn, model: Model, id: uuid.UUID) -> dict[uuid.UUID, Change | None]:
    """The change of a row as every viewer sees it; None for those who do not."""
    found: dict[uuid.UUID, Change | None] = {}
    for session, actor in turn.actors.items():
        record = await turn.loaders_of(actor).row(model).load((actor.user_id, id))
        node, name = encode(model, id), model.__name__
        change = Change("SomethingHappened", ChangeKind.UPDATED, node, name, 3, "here", actor.epoch, record)
        found[session] = change if record is not None else None
    return found


async def pushed(turn: Turn, live: LiveDocument, values: Mapping[uuid.UUID, Change | None]) -> dict[uuid.UUID, Any]:
    """What everybody is pushed; with ``values`` a change, without it their access."""
    shown = [
        (live, turn.actors[session], change.node_id if change else None)
        for session, change in (values or dict.fromkeys(turn.actors)).items()
        if change or not values
    ]
    await turn.read(shown)
    found: dict[uuid.UUID, Any] = {}
    for session, actor in turn.actors.items():
        if not values or values[session] is not None:
            payload = await turn.payload(live, actor, values.get(session), session)
            found[session] = told(payload)
    return found


def told(payload: bytes) -> Any:
    """A payload, but for the name an execution is given in the log."""
    said = orjson.loads(payload)
    for one in said.get("errors", ()):
        one["extensions"].pop("requestId", None)
    return said


def read_together(turn: Turn) -> int:
    """How many answers hold something that was read by a compiled statement."""
    assert turn._pushed is not None
    return len(turn._pushed._read)


def some_row(company: Company, model: Model, dice: random.Random) -> uuid.UUID | None:
    rows = company.rows.get(model)  # type: ignore[call-overload]
    return dice.choice(rows)["id"] if rows else None


async def compared(executors: Arena, rules: Rules, numbers: range) -> Counter[str]:
    generator, many = Generator(11, executors.companies, executors.viewers), ForMany(rules)
    seen, company = Counter[str](), executors.companies[0]
    async with crowd(executors, company) as people:
        for number in numbers:
            dice = random.Random(number)
            model = dice.choice([*PREFIXES, None, None, None])
            case = generator.push(number, model.__name__ if model else None)
            if case.viewer not in company.viewers:
                continue
            case.variables["under"] = encode(models.Tenant, company.tenant_id)
            row = some_row(company, model, dice) if model else None
            try:
                live = live_of(executors, case)
            except RequestRefused:
                seen["refused"] += 1
                continue
            ordinary, compiled = people.turn(None), people.turn(many)
            values = await changes(ordinary, model, row) if model and row else {}
            if model and not any(values.values()):
                continue
            expected, found = await pushed(ordinary, live, values), await pushed(compiled, live, values)
            for session, answer in expected.items():
                assert orjson.dumps(found[session]) == orjson.dumps(answer), (people.names[session], str(case))
                seen["answers"] += 1
                seen["reached"] += reaches_rows(case, answer["data"])
                seen.update(one["extensions"]["code"] for one in answer.get("errors", ()))
            seen["documents"] += 1
            seen["compiled"] += read_together(compiled)
            assert compiled.reader.statements <= MOST_STATEMENTS + ordinary.reader.statements, str(case)
    return seen


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_random_pushes_have_one_answer(executors: Arena) -> None:
    seen = await compared(executors, scope.NARROWED, range(DOCUMENTS))
    assert seen["answers"] >= 1_000, seen
    assert seen["reached"] >= 0.45 * seen["answers"], seen
    assert seen["compiled"] >= 0.4 * seen["answers"], seen
    assert seen["FIELD_FORBIDDEN"] >= 10, seen


@pytest.mark.slow
async def test_random_pushes_have_one_answer_by_the_rules_in_full(executors: Arena) -> None:
    seen = await compared(executors, full.FULL, range(DOCUMENTS, DOCUMENTS + 60))
    assert seen["compiled"] >= 100, seen


SHOWING = """subscription($under: ID!, $owner: Boolean = true) { changes(under: $under) { ... on Change {
  kind epoch now: node { __typename ... on Job { title cost { amount } site { name organization { shortName } } } }
  node @include(if: $owner) { ... on Job { organization { legalName taxIds { number: __typename } } } } version } } }"""


async def told_of_a_job(executors: Arena, **asked: Any) -> tuple[Turn, dict[uuid.UUID, Any], dict[uuid.UUID, Any]]:
    """What everybody is told of a job by the compiled way, which is the turn's, and by ordinary execution."""
    company = executors.companies[0]
    variables = {"under": encode(models.Tenant, company.tenant_id), **asked}
    live = live_of(executors, Case(SHOWING, variables, None, company.viewers[0]))
    async with crowd(executors, company) as people:
        row = Generator(1, executors.companies, executors.viewers).seen(
            executors.viewer("portal_two_sites"), models.Job
        )[0]
        ordinary, compiled = people.turn(None), people.turn(ForMany(scope.NARROWED))
        values = await changes(ordinary, models.Job, row["id"])
        return compiled, await pushed(compiled, live, values), await pushed(ordinary, live, values)


@pytest.mark.parametrize("owner", [True, False])
async def test_a_node_is_told_in_its_place_with_its_errors(owner: bool, executors: Arena) -> None:
    turn, found, expected = await told_of_a_job(executors, owner=owner)
    assert orjson.dumps(sorted(found.items())) == orjson.dumps(sorted(expected.items()))
    assert 0 < read_together(turn) <= len(found)
    told_ = next(iter(found.values()))["data"]["changes"]
    assert list(told_) == ["kind", "epoch", "now", *(["node"] if owner else []), "version"]
    paths = [tuple(one["path"]) for answer in found.values() for one in answer.get("errors", ())]
    assert ("changes", "now", "cost") in paths


async def test_viewers_of_one_shape_are_read_in_one_statement_each_at_their_own_places(executors: Arena) -> None:
    company = executors.companies[0]
    users, sites = company.rows[models.User], company.rows[models.Site]
    job = Generator(1, executors.companies, executors.viewers).seen(executors.viewer("administrator"), models.Job)[0]
    variables = {"under": encode(models.Tenant, company.tenant_id)}
    live = live_of(executors, Case(SHOWING, variables, None, company.viewers[0]))
    async with crowd(executors, company) as people:
        one = next(iter(people.actors.values()))
        at = {
            user["id"]: Place(company.tenant_id, site["organization_id"], site["id"])
            for user, site in zip(users, sites, strict=False)
        }
        people.actors = {
            id: replace(one, user_id=id, grants=(Granted("operations_lead", place),), epoch=number)
            for number, (id, place) in enumerate(at.items())
        }
        turn = people.turn(ForMany(scope.NARROWED))
        record: Any = object()
        node = encode(models.Job, job["id"])
        values = {
            id: Change("JobUpdated", ChangeKind.UPDATED, node, "Job", 3, "here", actor.epoch, record)
            for id, actor in people.actors.items()
        }
        found = await pushed(turn, live, values)
    assert len(at) > 5
    assert turn.reader.statements == 1
    shown = {id for id, answer in found.items() if answer["data"]["changes"]["now"] is not None}
    assert shown == {id for id, place in at.items() if place.site == job["site_id"]} != set()
    assert [one["data"]["changes"]["epoch"] for one in found.values()] == list(range(len(at)))
