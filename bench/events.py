"""The node of an event, for so many subscribers of different rights, in three ways.

It is read for all together, by compiled statements or by ordinary execution, or by a compiled statement for each. All
are run in this process, on the same job. What every way has to do besides (frames, marks, the fence) is in none. Nearly
half of the subscribers do not see the job, which has to be found out for them as well; who they are has to be read for
the first two ways only, and ``nothing of it`` says what that takes.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

import models
from auth.actor import Actor
from auth.grants import load_actors
from auth.sessions import read_token
from bench.company import Company, Person, found
from bench.stage import SECRET, database, postgres_cpu
from compiler.many import ForMany
from compiler.run import Compiled
from models.database import application_engine, snapshot
from resolvers.context import Services
from resolvers.ids import encode
from resolvers.record import Record
from schema.subscriptions import Change, ChangeKind
from server.contract import GraphQLRequest
from server.operations import Operations
from server.reads import ActorStandings, ReadConnections
from server.serve import settle_memory
from server.subscribing import LiveDocument
from server.traits import traits_of
from server.turns import SharedReader, Turn

FIELDS = {
    "nothing of it": "",
    "its own columns": "title status priority scheduledAt version",
    "with its site and client": "title status site { id name } organization { id shortName }",
}
LANES = 10


@dataclass(frozen=True)
class Stage:
    """What both ways work with."""

    company: Company
    services: Services
    compiled: Compiled
    many: ForMany
    sessions: Mapping[uuid.UUID, uuid.UUID]
    """By user."""

    @property
    def job(self) -> uuid.UUID:
        """The job that was changed."""
        return self.company.jobs[0][0]

    def people(self, count: int) -> list[Person]:
        """So many different subscribers; every other one sees the job, most of the others do not."""
        pairs = zip(self.company.audience, self.company.people, strict=False)
        return [one for pair in pairs for one in pair][:count]


Way = Callable[[Stage, int, str], Awaitable[int]]
"""Tells so many subscribers of the job with these fields, and says in how many statements."""


async def run(quick: bool) -> list[dict[str, Any]]:
    """A row for each document, number of subscribers and way: statements, and processor time an event."""
    with database() as url:
        company = await asyncio.to_thread(found, url, 500, 500)
        return await _rows(url, company, 5 if quick else 20)


async def _rows(url: str, company: Company, rounds: int) -> list[dict[str, Any]]:
    engine, reads = application_engine(url), ReadConnections(url, size=LANES)
    await reads.start()
    try:
        async with snapshot(engine, company.tenant) as connection:
            rows = (await connection.execute(select(models.Session.user_id, models.Session.id))).all()
        compiled = Compiled(reads, ActorStandings(engine), SECRET.encode())
        services = Services(engine, None, SECRET.encode())  # type: ignore[arg-type]
        stage = Stage(company, services, compiled, ForMany(compiled.rules), {row.user_id: row.id for row in rows})
        settle_memory()
        return [
            {"fields": name, "subscribers": count} | await _cost(url, way, stage, count, fields, rounds)
            for name, fields in FIELDS.items()
            for count in (10, 100, 1_000)
            for way in (together, field_by_field, *((one_by_one,) if fields else ()))
        ]
    finally:
        await reads.stop()
        await engine.dispose()


async def _cost(url: str, way: Way, stage: Stage, count: int, fields: str, rounds: int) -> dict[str, Any]:
    await way(stage, count, fields)
    app, postgres = time.process_time(), postgres_cpu(url)
    statements = [await way(stage, count, fields) for _ in range(rounds)]
    app, postgres = time.process_time() - app, postgres_cpu(url) - postgres
    return {
        "way": way.__name__.replace("_", " "),
        "statements": max(statements),
        "cpu_ms": round((app + postgres) / rounds * 1e3, 2),
        "cpu_ms_app": round(app / rounds * 1e3, 2),
        "cpu_ms_postgres": round(postgres / rounds * 1e3, 2),
    }


async def together(stage: Stage, count: int, fields: str) -> int:
    """As ``server.live`` does it: actors and rows for all subscribers at once, and a statement for those of a shape."""
    return await _together(stage, count, fields, stage.many)


async def field_by_field(stage: Stage, count: int, fields: str) -> int:
    """By ordinary execution: actors, rows and what is nested in them, each for all subscribers at once."""
    return await _together(stage, count, fields, None)


async def _together(stage: Stage, count: int, fields: str, many: ForMany | None) -> int:
    live, people = _live(stage, fields), stage.people(count)
    async with snapshot(stage.services.engine, stage.company.tenant) as connection:
        actors = await load_actors(connection, stage.company.tenant, {stage.sessions[one.id] for one in people})
        turn = Turn(stage.services, stage.company.tenant, SharedReader(connection), actors, {}, many)
        node, loader = encode(models.Job, stage.job), turn.loaders.row(models.Job)
        records = await asyncio.gather(*(loader.load((one.user_id, stage.job)) for one in actors.values()))
        told = [(one, record) for one, record in zip(actors.values(), records, strict=True) if record is not None]
        if not live.traits.flat:
            await turn.read((live, actor, node) for actor, _ in told)

        async def tell(actor: Actor, record: Record) -> None:
            value = Change("JobUpdated", ChangeKind.UPDATED, node, "Job", 2, "", actor.epoch, record)
            rights = actor.permissions_at(record.place) if live.traits.flat else (actor.user_id, actor.grants)
            await turn.payload(live, actor, value, rights)

        await asyncio.gather(*(tell(*one) for one in told))
        await turn.reader.close()
        return turn.reader.statements + 1


async def one_by_one(stage: Stage, count: int, fields: str) -> int:
    """As it would be compiled: one statement a subscriber, which checks the session and the rights as well."""
    operations = Operations(stage.services)
    text = f"query($id: ID!) {{ node(id: $id) {{ ... on Job {{ {fields} }} }} }}"
    question = operations.prepare(GraphQLRequest(text, {"id": encode(models.Job, stage.job)})).question
    waiting, statements = stage.people(count), 0

    async def lane() -> None:
        nonlocal statements
        while waiting:
            credential = read_token(waiting.pop().token)
            assert credential is not None
            read = await stage.compiled.read(question, credential)
            statements += read.statements

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return statements


def _live(stage: Stage, fields: str) -> LiveDocument:
    node = f"node {{ ... on Job {{ {fields} }} }}" if fields else ""
    text = (
        f"subscription($under: ID!) {{ changes(under: $under) {{ ... on Change {{ event nodeId version {node} }} }} }}"
    )
    given = {"under": encode(models.Tenant, stage.company.tenant)}
    prepared = Operations(stage.services).prepare(GraphQLRequest(text, given))
    traits = traits_of(prepared.operation.document.ast)
    return LiveDocument(prepared.operation, given, prepared.variables, traits)
