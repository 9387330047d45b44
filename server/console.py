"""How the console speaks: progress while it works, one coded line for a mistake, no traceback for what is not a bug."""
# ruff: noqa: PLC0415  (an import that only errors need would slow down every command)

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from domain.imports import ImportRefused, Progress, Summary

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
_SHOWN = 50


def mistake(error: Exception) -> str | None:
    """The line for an error whose cause is outside of the program; None for a bug."""
    from psycopg import OperationalError
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    if isinstance(error, DBAPIError) and isinstance(error.orig, OperationalError):
        return f"DATABASE_UNREACHABLE: {_first_line(error.orig)}"
    if isinstance(error, OperationalError):
        return f"DATABASE_UNREACHABLE: {_first_line(error)}"
    if isinstance(error, SQLAlchemyError):
        return None
    code = getattr(error, "code", None)
    if isinstance(code, str):
        return f"{code}: {error}"
    return _told(error)


def _told(error: Exception) -> str | None:
    """Errors of our own that carry their codes in their text."""
    from server.postgres_install import PostgresUnavailable
    from server.preflight import DatabaseRefused
    from server.settings import SettingsRefused

    if isinstance(error, (SettingsRefused, DatabaseRefused)):
        return str(error)
    return f"POSTGRES_UNAVAILABLE: {error}" if isinstance(error, PostgresUnavailable) else None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def say(line: str) -> None:
    """One line for people, whose brackets are no markup."""
    out.print(line, markup=False)


def complain(line: str) -> None:
    """One line on standard error."""
    err.print(line, markup=False)


def explain(refusal: ImportRefused) -> None:
    """The problems of a file, each at its row and column."""
    for problem in refusal.problems[:_SHOWN]:
        complain(f"{refusal.file}: {problem}")
    if len(refusal.problems) > _SHOWN:
        complain(f"... and {len(refusal.problems) - _SHOWN} more.")


def tell(summary: Summary) -> None:
    """What came of a file."""
    kept = f", {summary.states_kept} kept the state they have" if summary.states_kept else ""
    counts = f"{summary.created:,} created, {summary.updated:,} updated, {summary.unchanged:,} unchanged"
    say(f"{summary.file}: {counts}{kept} ({summary.kind}).")


@contextmanager
def watching(name: str) -> Generator[Progress]:
    """A progress bar of the file's bytes, where somebody looks; nothing in a log."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(name, total=None)

        def progress(rows: int, done: int, total: int) -> None:
            stage = "writing" if done >= total else "reading"
            bar.update(task, description=f"{name}: {stage} {rows:,} rows", completed=done, total=max(total, 1))

        yield progress


def secret(prompt: str) -> str:
    """A password from the keyboard, twice, or the first line of standard input."""
    if sys.stdin.isatty():
        import typer

        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def table(*heads: str, rows: Iterable[Iterable[str]]) -> None:
    """A table for people."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False)
    for head in heads:
        # What is copied from the first column must not be cut.
        made.add_column(head, no_wrap=head == heads[0], min_width=len(head))
    for row in rows:
        made.add_row(*row)
    out.print(made)
