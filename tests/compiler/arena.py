"""Both executors over one database, in one process: what one answers, the other must answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from auth.grants import Credential
from compiler import scope
from compiler.plan import NotCompiled
from compiler.run import Admit, Compiled, Question, Read
from compiler.scope import Rules
from models.database import application_engine
from outbox.commit import Publisher
from outbox.fence import Fence
from outbox.wire import Wire
from resolvers.context import Services
from server.contract import GraphQLRequest
from server.operations import Operations
from server.reads import ActorStandings, ReadConnections
from tests.compiler.company import Company, Viewer
from tests.compiler.people import both, store

SEED = 20_260_702
"""Of the companies in the tests' databases."""
SECRET = b"the secret of the tests' cursors"


@dataclass
class Counting(Compiled):
    """The compiled read path, with a record of what it left to ordinary execution."""

    compiled: int = 0
    fallen: Counter[str] = field(default_factory=Counter)

    async def read(self, question: Question, credential: Credential, admit: Admit | None = None) -> Read:
        try:
            read = await super().read(question, credential, admit)
        except NotCompiled as reason:
            self.fallen[reason.reason] += 1
            raise
        self.compiled += 1
        return read


@dataclass(frozen=True)
class Case:
    """A request and who sends it."""

    text: str
    variables: dict[str, Any]
    operation: str | None
    viewer: Viewer
    kinds: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What the response keys stand for: the type they are on and the type they lead to."""

    def __str__(self) -> str:
        return f"viewer: {self.viewer.name}\nvariables: {self.variables}\noperation: {self.operation}\n{self.text}"


@dataclass
class Arena:
    """The database and its executors."""

    services: Services
    reads: ReadConnections
    companies: tuple[Company, ...]
    ordinary: Operations
    compiled: Operations
    counting: Counting

    @property
    def viewers(self) -> list[Viewer]:
        return [one for company in self.companies for one in company.viewers]

    def viewer(self, name: str) -> Viewer:
        return next(one for one in self.viewers if one.name == name)

    def with_rules(self, rules: Rules) -> tuple[Operations, Counting]:
        """Another compiled executor."""
        counting = Counting(self.reads, ActorStandings(self.services.engine), SECRET, rules)
        operations = Operations(self.services, compiled=counting)
        operations.documents = self.ordinary.documents
        return operations, counting

    async def difference(self, case: Case, other: Operations | None = None) -> tuple[Any, Any] | None:
        """Both answers, if they differ in anything but the request's id."""
        expected = await answered(self.ordinary, case)
        found = await answered(other or self.compiled, case)
        return None if orjson.dumps(expected) == orjson.dumps(found) else (expected, found)


async def answered(operations: Operations, case: Case) -> Any:
    """The whole response, decoded; keys keep their order.

    What a partner's program has left is no part of it: asking twice, once of each executor, is what uses it up.
    """
    request = GraphQLRequest(case.text, case.variables, case.operation)
    try:
        answer = await operations.execute(request, case.viewer.credential, "the-request")
    except Exception as error:  # noqa: BLE001  (whatever escapes is an answer that differs)
        return {"raised": repr(error)}
    said = orjson.loads(answer.body)
    said.get("extensions", {}).get("cost", {}).pop("available", None)
    return said


@asynccontextmanager
async def arena(url: str, seed: int, *, stored: bool = False) -> AsyncIterator[Arena]:
    """Two random companies in the migrated, empty database at ``url``; or there already, from the same seed."""
    engine = application_engine(url, pool_size=6, overflow=6)
    wire, reads = Wire(url), ReadConnections(url, size=4)
    companies = both(seed)
    for company in () if stored else companies:
        await store(engine, company)
    await reads.start()
    try:
        services = Services(engine, Publisher(Fence(engine, wire)), SECRET)
        counting = Counting(reads, ActorStandings(engine), SECRET, scope.NARROWED)
        ordinary, compiled = Operations(services), Operations(services, compiled=counting)
        # What is the same in both is done once: reading and validating the document.
        compiled.documents = ordinary.documents
        yield Arena(services, reads, companies, ordinary, compiled, counting)
    finally:
        await wire.stop()
        await reads.stop()
        await engine.dispose()
