"""Databases with the world in them, and a way to ask the service in this process."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from sqlalchemy import URL, NullPool, create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.sessions import read_token
from compiler.run import Compiled
from models.database import application_engine
from outbox.commit import Publisher
from outbox.fence import Fence
from outbox.wire import Wire
from resolvers.context import Services
from server.contract import GraphQLRequest
from server.documents import Documents
from server.operations import Operations
from server.reads import ActorStandings, ReadConnections
from tests.world import seed
from tests.world.mirror import Mirror, mirror

SECRET = b"the secret of the tests' cursors"
COMPILED = os.environ.get("TEST_COMPILED", "1") != "0"
"""Whether queries are answered by compiled statements, as they are by default: the matrix says the same of both."""
DOCUMENTS = Documents()
"""Every viewer asks the same, so a document is parsed and validated once for all of them."""


@dataclass
class Seeded:
    """A database with the world in it that nothing is connected to, for others to be copied from."""

    url: URL
    world: seed.World
    mirror: Mirror


@dataclass
class Place:
    """A database of its own for some tests."""

    url: str
    world: seed.World
    mirror: Mirror


@pytest.fixture(scope="session")
def seeded(server_url: URL, template_url: URL) -> Generator[Seeded]:
    with stored(server_url, template_url, seed.build) as made:
        yield made


@pytest.fixture(scope="session")
def world(server_url: URL, seeded: Seeded) -> Generator[Place]:
    """The world, for tests that leave it as it is."""
    with copied(server_url, seeded) as place:
        yield place


@pytest.fixture
def own_world(server_url: URL, seeded: Seeded) -> Generator[Place]:
    """A world for one test, to do with as it likes."""
    with copied(server_url, seeded) as place:
        yield place


@pytest.fixture(scope="session")
def new_world(server_url: URL, seeded: Seeded) -> Callable[[], Any]:
    """For tests that need many worlds: each a context manager of some 50 ms."""
    return partial(copied, server_url, seeded)


@contextmanager
def stored(server: URL, template: URL, build: Callable[[AsyncEngine], Awaitable[seed.World]]) -> Iterator[Seeded]:
    """Some world, written once for all tests that want one like it."""
    with database(server, template) as url:
        yield Seeded(url, asyncio.run(_built(written(url), build)), mirror(written(url)))


@contextmanager
def copied(server: URL, seeded: Seeded) -> Iterator[Place]:
    """Such a world once more, and a copy of what is known of it: what a test notes must not be believed of the next."""
    with database(server, seeded.url) as url:
        yield Place(written(url), deepcopy(seeded.world), deepcopy(seeded.mirror))


async def _built(url: str, build: Callable[[AsyncEngine], Awaitable[seed.World]]) -> seed.World:
    engine = application_engine(url)
    try:
        return await build(engine)
    finally:
        await engine.dispose()


@contextmanager
def database(server: URL, template: URL) -> Iterator[URL]:
    """A copy of a database that nothing is connected to."""
    name = f"portico_test_{secrets.token_hex(4)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template.database} ENCODING 'UTF8'")
    try:
        yield server.set(database=name)
    finally:
        _run(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _run(server: URL, statement: str) -> None:
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


def written(url: URL) -> str:
    return url.render_as_string(hide_password=False)


class Undone(Publisher):
    """Takes back what it was asked to commit: what would have been allowed is seen, and the world stays as it is."""

    async def commit(self, session: Any) -> None:
        await session.flush()
        await session.rollback()


@dataclass
class Ask:
    """Asks as one of the viewers, without HTTP; counts the SQL statements of the last answer."""

    operations: Operations
    world: seed.World
    raw: bytes = field(default=b"", init=False)

    async def __call__(self, viewer: str, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        request = GraphQLRequest(document, dict(variables or {}))
        answer = await self.operations.execute(request, read_token(self.world.tokens[viewer]), "the-request")
        self.raw = answer.body
        return json.loads(answer.body)


@asynccontextmanager
async def asking(place: Place, kind: type[Publisher] = Publisher) -> AsyncIterator[Ask]:
    """The service over the database of ``place``, with no process that would have to be fenced."""
    engine = application_engine(place.url, pool_size=10, overflow=20)
    wire = Wire(place.url)
    publisher = kind(Fence(engine, wire))
    reads = ReadConnections(place.url, size=4)
    if COMPILED:
        await reads.start()
    try:
        operations = Operations(Services(engine, publisher, SECRET))
        operations.documents = DOCUMENTS
        operations.compiled = Compiled(reads, ActorStandings(engine), SECRET) if COMPILED else None
        yield Ask(operations, place.world)
    finally:
        await wire.stop()
        await reads.stop()
        await engine.dispose()
