"""A PostgreSQL for the tests: the one at TEST_DATABASE_URL, else an embedded one that goes away with them."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import URL, NullPool, create_engine, make_url, text

from server import migrate
from server.postgres import EmbeddedPostgres

TESTS = Path(__file__).parent


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def open_folder() -> Generator[Path]:
    """A folder that other accounts may pass through, unlike pytest's: as root, PostgreSQL runs as one of them."""
    folder = Path(tempfile.mkdtemp(prefix="portico-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> Generator[URL]:
    """A PostgreSQL server, as a superuser's URL of one of its databases."""
    given = os.environ.get("TEST_DATABASE_URL") or os.environ.get("PORTICO_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    folder: Path = request.getfixturevalue("open_folder")
    with EmbeddedPostgres(folder / "shared") as server:
        yield make_url(server.url)


@pytest.fixture(scope="session")
def template_url(server_url: URL) -> Generator[URL]:
    """A migrated, empty database that others are copied from; nothing may stay connected to it."""
    url = _created(server_url, f"portico_test_{secrets.token_hex(4)}_template")
    migrate.upgrade(_text(url))
    yield url
    _drop(server_url, url)


@pytest.fixture(scope="session")
def database_url(server_url: URL, template_url: URL) -> Generator[str]:
    """A migrated database for the whole run; its tests must live with each other's rows."""
    yield from _copy(server_url, template_url)


@pytest.fixture
def fresh_database_url(server_url: URL, template_url: URL) -> Generator[str]:
    """A migrated, empty database for one test; costs some 50 ms."""
    yield from _copy(server_url, template_url)


@pytest.fixture
def empty_database_url(server_url: URL) -> Generator[str]:
    """A database without any table."""
    url = _created(server_url, f"portico_test_{secrets.token_hex(4)}")
    yield _text(url)
    _drop(server_url, url)


def _copy(server_url: URL, template: URL) -> Generator[str]:
    url = _created(server_url, f"portico_test_{secrets.token_hex(4)}", template.database or "")
    yield _text(url)
    _drop(server_url, url)


def _created(server_url: URL, name: str, template: str = "template0") -> URL:
    _run(server_url, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    return server_url.set(database=name)


def _drop(server_url: URL, url: URL) -> None:
    _run(server_url, f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)")


def _run(server_url: URL, statement: str) -> None:
    engine = create_engine(server_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches a database, so that it can be run again on another server, and what nothing may run beside."""
    for item in items:
        if item.path.is_relative_to(TESTS / "promise") or item.path.is_relative_to(TESTS / "portal"):
            item.add_marker("alone")
        if {"server_url", "open_folder"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")
