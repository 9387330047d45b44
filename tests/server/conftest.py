"""The whole app, served on a port of this machine over a database of its own, and people who can sign in to it."""

import hashlib
import logging
import secrets
import uuid
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx2
import pytest
import structlog
from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session as Orm

from models import (
    Membership,
    PermissionEpoch,
    Session,
    SessionKind,
    Tenant,
    User,
    UserKind,
    UserStatus,
)
from server.app import create_app
from server.process import Process
from server.reads import ReadConnections
from server.settings import Settings
from tests.server.entering import browser, browsing, clock, process
from tests.server.serving import serving
from tests.server.talking import own_station, station, two_stations, untroubled
from tests.world.serving import own_world, seeded, world

__all__ = [
    "browser",
    "browsing",
    "clock",
    "own_station",
    "own_world",
    "process",
    "seeded",
    "station",
    "two_stations",
    "untroubled",
    "world",
]

PASSWORD = "correct horse battery"
# As strong as they are outside of tests hashes would take most of the time.
_hash = PasswordHasher().hash(PASSWORD)
Serve = Callable[..., AbstractContextManager[str]]
Enrol = Callable[..., "Person"]


@dataclass(frozen=True)
class Person:
    """A user of the test's own tenant, with a bearer token."""

    tenant_id: uuid.UUID
    tenant: str
    user_id: uuid.UUID
    email: str
    token: str
    password: str = PASSWORD

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@pytest.fixture
async def connections(database_url: str) -> AsyncGenerator[ReadConnections]:
    """Two connections of the compiled read path."""
    made = ReadConnections(database_url, size=2)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    """The line of each request is of interest to its own test only."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


@pytest.fixture(scope="session")
def superuser(database_url: str) -> Generator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(database_url=database_url, data_dir=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def serve() -> Serve:
    return serving


@pytest.fixture(scope="session")
def served(settings: Settings) -> Generator[str]:
    """The origin at which the app of these settings is served."""
    with serving(create_app(Process(settings))) as origin:
        yield origin


@pytest.fixture
def client(served: str) -> Generator[httpx2.Client]:
    with httpx2.Client(base_url=served, timeout=20) as made:
        yield made


@pytest.fixture(scope="session")
def enrol(superuser: Engine) -> Enrol:
    """Makes people."""
    return partial(_enrol, superuser)


@pytest.fixture
def person(enrol: Enrol) -> Person:
    return enrol()


def _enrol(
    superuser: Engine,
    *,
    email: str | None = None,
    status: UserStatus = UserStatus.ACTIVE,
    password_hash: str | None = _hash,
) -> Person:
    """A member of the staff of a tenant of their own, who has no right at all."""
    slug = f"tenant-{secrets.token_hex(4)}"
    tenant_id, user_id = uuid.uuid4(), uuid.uuid4()
    email = email or f"{secrets.token_hex(4)}@{slug}.example"
    raw = tenant_id.bytes + secrets.token_bytes(32)
    with Orm(superuser) as session:
        session.add(Tenant(id=tenant_id, slug=slug, name=slug))
        session.flush()
        session.add(
            User(
                tenant_id=tenant_id,
                id=user_id,
                kind=UserKind.STAFF,
                status=status,
                name="Ada",
                email=email,
                password_hash=password_hash,
            )
        )
        session.flush()
        session.add(Membership(tenant_id=tenant_id, user_id=user_id))
        session.add(PermissionEpoch(tenant_id=tenant_id, id=user_id))
        session.add(
            Session(
                tenant_id=tenant_id,
                user_id=user_id,
                kind=SessionKind.TOKEN,
                secret_hash=hashlib.sha256(raw).digest(),
                expires_at=datetime.now(UTC) + timedelta(hours=1),
            )
        )
        session.commit()
    return Person(tenant_id, slug, user_id, email, urlsafe_b64encode(raw).rstrip(b"=").decode())
