"""A start refuses databases that would break a promise, with a code for each reason."""

import secrets
from collections.abc import Callable, Generator

import pytest
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text

from server import migrate, preflight
from server.preflight import DatabaseRefused

Alter = Callable[[str], None]


@pytest.fixture
def alter(server_url: URL, fresh_database_url: str) -> Alter:
    def run(setting: str) -> None:
        engine = create_engine(server_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {make_url(fresh_database_url).database} SET {setting}"))

    return run


@pytest.fixture
def connection(fresh_database_url: str) -> Generator[Connection]:
    with create_engine(fresh_database_url, poolclass=NullPool).connect() as connection:
        yield connection


@pytest.fixture
def role(connection: Connection) -> Generator[str]:
    """A role as it should be; its faults are undone with the transaction."""
    name = f"portico_test_{secrets.token_hex(4)}"
    connection.execute(text(f"CREATE ROLE {name} NOLOGIN"))
    yield name
    connection.rollback()


def codes(connection: Connection, role: str) -> list[str]:
    return [fault.code for fault in preflight.role_faults(connection, role)]


def test_a_migrated_database_passes(fresh_database_url: str) -> None:
    preflight.check(fresh_database_url)


def test_lost_commits_are_refused(fresh_database_url: str, alter: Alter) -> None:
    alter("synchronous_commit = off")
    with pytest.raises(DatabaseRefused, match="Set synchronous_commit = on") as refused:
        preflight.check(fresh_database_url)
    assert refused.value.codes == ["DATABASE_SYNCHRONOUS_COMMIT_OFF"]


def test_an_empty_database_is_refused(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "heads", lambda: frozenset({"0001"}))
    with pytest.raises(DatabaseRefused, match="portico migrate") as refused:
        preflight.check(empty_database_url)
    assert refused.value.codes == ["DATABASE_NOT_MIGRATED"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("server_version_num", "140012", "DATABASE_TOO_OLD"),
        ("server_encoding", "SQL_ASCII", "DATABASE_ENCODING"),
        ("fsync", "off", "DATABASE_FSYNC_OFF"),
        ("full_page_writes", "off", "DATABASE_FULL_PAGE_WRITES_OFF"),
    ],
)
def test_an_unfit_server_is_refused(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, name: str, value: str, code: str
) -> None:
    real = preflight._setting
    monkeypatch.setattr(preflight, "_setting", lambda at, asked: value if asked == name else real(at, asked))
    assert [fault.code for fault in preflight.server_faults(connection)] == [code]


def test_a_plain_role_passes(connection: Connection, role: str) -> None:
    assert codes(connection, role) == []


@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS"])
def test_a_role_above_row_security_is_refused(connection: Connection, role: str, power: str) -> None:
    connection.execute(text(f"ALTER ROLE {role} {power}"))
    assert "ROLE_BYPASSES_SECURITY" in codes(connection, role)


def test_a_role_that_owns_a_table_is_refused(connection: Connection, role: str) -> None:
    connection.execute(text("CREATE TABLE owned (id int)"))
    connection.execute(text(f"ALTER TABLE owned OWNER TO {role}"))
    assert codes(connection, role) == ["ROLE_OWNS_TABLES"]


def test_a_missing_role_is_refused(connection: Connection) -> None:
    assert codes(connection, "portico_nobody") == ["ROLE_MISSING"]


def test_a_role_that_cannot_be_taken_is_refused(connection: Connection, role: str) -> None:
    connection.execute(text(f"CREATE ROLE {role}_user NOLOGIN"))
    connection.execute(text(f"SET LOCAL ROLE {role}_user"))
    assert codes(connection, role) == ["ROLE_NOT_GRANTED"]


def test_deaf_listening_is_refused(fresh_database_url: str, server_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notifications stay within a database, which is as deaf as a pooler."""
    monkeypatch.setattr(preflight, "HEARING", 0.2)
    elsewhere = server_url.render_as_string(hide_password=False)
    found = preflight.notification_faults(fresh_database_url, elsewhere)
    assert [fault.code for fault in found] == ["DATABASE_POOLED"]
