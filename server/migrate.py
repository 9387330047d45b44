"""Brings a database to the tables this version needs; any number of processes may try at once."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

import migrations
import models

# Any number will do, as long as nothing else in the database locks the same.
LOCK = 0x506F727469636F


def upgrade(url: str, revision: str = "head") -> None:
    """Run the missing migrations in one transaction: all of them, or none."""
    with _locked(url) as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()


def downgrade(url: str, revision: str) -> None:
    """Undo migrations back to a revision, or all of them back to `base`."""
    with _locked(url) as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()


def write(url: str, message: str) -> None:
    """Write a new migration with what models/ has and the database has not; to be read and completed by hand."""
    with _locked(url) as connection:
        command.revision(_config(connection), message, autogenerate=True)


def current(connection: Connection) -> frozenset[str]:
    """The revisions the database is at; empty for a new one."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())


def heads() -> frozenset[str]:
    """The revisions this version of Portico needs."""
    return frozenset(ScriptDirectory.from_config(_config(None)).get_heads())


def differences(connection: Connection) -> list[Any]:
    """What models/ and the migrated database disagree about, in Alembic's words; empty if they agree."""
    options = {"compare_type": True, "compare_server_default": True, "include_name": migrations.is_ours}
    context = MigrationContext.configure(connection, opts=options)
    return compare_metadata(context, models.Base.metadata)


@contextmanager
def _locked(url: str) -> Generator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        # Ends with the connection; a lock of the transaction would end too early if a migration commits.
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        yield connection


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
