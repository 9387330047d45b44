"""What a start refuses: a database that would quietly break a promise of the service."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.engine import make_url

from models.database import APP_ROLE
from server import migrate

OLDEST = 150000
HEARING = 3.0
"""Seconds a notification may take; it takes less than a millisecond."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with what to do about it."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class DatabaseRefused(RuntimeError):
    """The database does not keep what the service promises; all faults found are in the message."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.codes = [fault.code for fault in faults]


def check(url: str, *, role: str = APP_ROLE) -> None:
    """Refuse a database that the service must not run on."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        found = [*server_faults(connection), *migration_faults(connection)]
        found = found or [*role_faults(connection, role)]
    found += notification_faults(url, url)
    if found:
        raise DatabaseRefused(found)


def server_faults(connection: Connection) -> Iterator[Fault]:
    """The server: its version, its encoding, and whether a commit is on the disk when it is answered."""
    version = int(_setting(connection, "server_version_num"))
    if version < OLDEST:
        yield Fault("DATABASE_TOO_OLD", f"PostgreSQL 15 or later is needed, this is {version // 10000}.")
    if _setting(connection, "server_encoding") != "UTF8":
        yield Fault("DATABASE_ENCODING", "The database must be created with ENCODING 'UTF8'.")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if _setting(connection, name) == "off":
            code = f"DATABASE_{name.upper()}_OFF"
            yield Fault(code, f"{name} is off: answered changes could be lost. Set {name} = on.")


def migration_faults(connection: Connection) -> Iterator[Fault]:
    """Whether the tables are those of this version."""
    if migrate.current(connection) != migrate.heads():
        yield Fault("DATABASE_NOT_MIGRATED", "The tables are not those of this version: run `portico migrate`.")


def role_faults(connection: Connection, role: str) -> Iterator[Fault]:
    """Whether row-level security binds the role that serves."""
    known = {"role": role}
    found = connection.execute(text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :role"), known)
    bypasses = found.scalar_one_or_none()
    if bypasses is None:
        yield Fault("ROLE_MISSING", f"There is no role {role}: run `portico migrate`.")
        return
    if bypasses:
        yield Fault("ROLE_BYPASSES_SECURITY", f"The role {role} must have neither SUPERUSER nor BYPASSRLS.")
    if connection.scalar(text("SELECT NOT pg_has_role(current_user, :role, 'MEMBER')"), known):
        yield Fault("ROLE_NOT_GRANTED", f"The connecting user may not SET ROLE {role}: GRANT {role} to it.")
    elif connection.scalar(_OWNED, known):
        yield Fault("ROLE_OWNS_TABLES", f"The role {role} must own no table, directly or by membership.")


_OWNED = text("""
    SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                   WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname NOT LIKE 'pg\\_%'
                     AND nspname <> 'information_schema' AND pg_has_role(:role, relowner, 'MEMBER'))
""")


def notification_faults(listening: str, notifying: str) -> Iterator[Fault]:
    """Whether LISTEN hears across connections; through a pooler that lends connections by transaction it is deaf."""
    channel = f"portico_preflight_{secrets.token_hex(8)}"
    with _plain(listening) as ear, _plain(notifying) as mouth:
        ear.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        mouth.execute("SELECT pg_notify(%s, '')", [channel])
        if not list(ear.notifies(timeout=HEARING, stop_after=1)):
            yield Fault("DATABASE_POOLED", "LISTEN does not hear here: connect directly, or pool by session.")


def _setting(connection: Connection, name: str) -> str:
    return str(connection.scalar(text("SELECT current_setting(:name)"), {"name": name}))


def _plain(url: str) -> psycopg.Connection[TupleRow]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)
