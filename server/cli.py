"""The console script: ``portico`` and ``python -m server``. Commands load what they need when they run."""
# ruff: noqa: PLC0415  (so that `--help`, `schema` and `policy` wait for nothing they do not need)

from __future__ import annotations

import asyncio
import difflib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server import console
from server.cli_audit import audit
from server.cli_partners import partners
from server.cli_sso import sso
from server.cli_users import tenants, users

if TYPE_CHECKING:
    from server.settings import Settings

app = typer.Typer(
    name="portico",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Organizations, sites, contracts and jobs, each field shown only to whom it may be shown.",
)
app.add_typer(users, name="user")
app.add_typer(tenants, name="tenant")
app.add_typer(partners, name="partner")
app.add_typer(audit, name="audit")
app.add_typer(sso, name="sso")

Host = Annotated[str | None, typer.Option(help="The address to listen at.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen at.")]
Check = Annotated[bool, typer.Option("--check", help="Compare with what is committed, and fail if it differs.")]
Write = Annotated[bool, typer.Option("--write", help="Write what is to be committed.")]


@app.command()
def serve(
    host: Host = None,
    port: Port = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="How many processes serve.")] = None,
) -> None:
    """Serve the graph and the portal until told to stop."""
    from server import office, preflight
    from server import serve as serving

    settings = _settings(host=host, port=port, workers=workers)
    office.check_port(settings)
    with office.database(settings) as ready:
        if settings.database_url is None:
            _migrated(ready)
        preflight.check(_url(ready))
        serving.run(ready)


@app.command()
def worker() -> None:
    """Do what the service does in the background: reminders, deadlines, cleaning up."""
    from server import office, preflight
    from server import worker as working

    with office.database(_settings()) as ready:
        preflight.check(_url(ready))
        working.run(ready)


@app.command()
def migrate(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the tables are those of this version.")
    ] = False,
) -> None:
    """Bring the database to the tables of this version."""
    from server import migrate as migrations
    from server import office

    with office.database(_settings()) as ready:
        if not check:
            migrations.upgrade(_url(ready))
        _report_revision(_url(ready))


@app.command(name="import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV or XLSX files, one kind of record each.")],
    tenant: Annotated[str | None, typer.Option(help="The tenant's short name, if there are several.")] = None,
) -> None:
    """Import organizations, sites, contacts, contracts, jobs and reports; each file entirely or not at all.

    The file's name or header says what it holds. Records are found again by their external_id.
    """
    from server import office

    with office.database(_settings()) as ready:
        asyncio.run(_import(_url(ready), files, tenant))


@app.command()
def explain(
    document: Annotated[typer.FileText, typer.Argument(help="A file with one query; - for standard input.")],
    email: Annotated[str, typer.Option("--as", metavar="USER", help="The address of the user who asks.")],
    variables: Annotated[str, typer.Option(help="The query's variables as a JSON object.")] = "{}",
    tenant: Annotated[str | None, typer.Option(help="The tenant's short name, if there are several.")] = None,
) -> None:
    """Print the statement a query becomes for a user, run it, and print how PostgreSQL went about it."""
    from server import office
    from server.explain import explain_as, query_of

    async def explained(url: str) -> str:
        async with office.opened(url) as opened:
            return await explain_as(opened, settings.signing_key(), query, email, tenant)

    query, settings = query_of(document.read(), variables), _settings()
    with office.database(settings) as ready:
        console.say(asyncio.run(explained(_url(ready))))


@app.command()
def schema(*, check: Check = False, write: Write = False) -> None:
    """Print the schema in its definition language."""
    from schema.root import sdl

    _committed({"schema.graphql": sdl()}, "schema", check=check, write=write)


@app.command()
def policy(*, check: Check = False, write: Write = False) -> None:
    """Print who may see and do what, as it is reviewed."""
    from schema.policy import matrix_page, policy_text

    pages = {"policy.txt": policy_text(), "docs/permission-matrix.md": matrix_page()}
    _committed(pages, "policy", check=check, write=write)


# A line for every request and task would push what the demo says out of view; warnings and errors are said.
_BY_ITSELF = {"mailbox": True, "worker_inside": True, "log_level": "WARNING"}


@app.command()
def demo(host: Host = None, port: Port = None) -> None:
    """Start with a made-up company, on a PostgreSQL of its own in .portico unless DATABASE_URL is set."""
    from server import demo as company
    from server import office, preflight
    from server import serve as serving

    settings = _settings({"data_dir": Path(".portico"), "graphiql": True, **_BY_ITSELF}, host=host, port=port)
    office.check_port(settings)
    console.say("Starting PostgreSQL ...")
    with office.database(settings) as ready:
        _migrated(ready)
        preflight.check(_url(ready))
        with console.out.status("Loading the demo's company ..."):
            asyncio.run(company.prepared(_url(ready)))
        company.show(ready)
        serving.run(ready)


def _settings(defaults: dict[str, Any] | None = None, **given: Any) -> Settings:
    """The environment's settings; what was said on the command line wins."""
    from server.settings import load_settings

    said = {name: value for name, value in given.items() if value is not None}
    return load_settings(**(defaults or {})).model_copy(update=said)


def _url(settings: Settings) -> str:
    if settings.database_url is None:
        raise AssertionError("the database was opened")
    return settings.database_url


def _migrated(settings: Settings) -> None:
    from server import migrate as migrations

    migrations.upgrade(_url(settings))


def _report_revision(url: str) -> None:
    from sqlalchemy import NullPool, create_engine

    from server import migrate as migrations

    with create_engine(url, poolclass=NullPool).connect() as connection:
        current = migrations.current(connection)
    if current != migrations.heads():
        console.complain("DATABASE_NOT_MIGRATED: The tables are not those of this version: run `portico migrate`.")
        raise typer.Exit(1)
    console.say(f"The database is at revision {', '.join(sorted(current))}.")


async def _import(url: str, files: list[Path], tenant: str | None) -> None:
    from auth.actor import system_actor
    from domain import imports
    from server import office

    async with office.opened(url) as opened:
        actor = system_actor((await opened.tenant(tenant)).id)
        for path in imports.in_order(files):
            try:
                with console.watching(path.name) as progress:
                    summary = await opened.import_file(actor, path, on=datetime.now(UTC), progress=progress)
            except imports.ImportRefused as refusal:
                console.explain(refusal)
                raise
            console.tell(summary)


def _committed(pages: dict[str, str], command: str, *, check: bool, write: bool) -> None:
    """Print the first page, write all of them, or compare them with the files here."""
    if write:
        for name, text in pages.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text)
    elif check:
        differing = [line for name, text in pages.items() for line in _difference(name, text)]
        if differing:
            sys.stdout.writelines(differing)
            console.complain(f"OUT_OF_DATE: Run `portico {command} --write` and look at the difference.")
            raise typer.Exit(1)
    else:
        sys.stdout.write(next(iter(pages.values())))


def _difference(name: str, text: str) -> list[str]:
    path = Path(name)
    there = path.read_text() if path.exists() else ""
    lines = there.splitlines(keepends=True), text.splitlines(keepends=True)
    return list(difflib.unified_diff(*lines, f"{name} (committed)", f"{name} (declared)"))


def main() -> None:
    """Run a command; a user's mistake is told in one line, and Ctrl-C is no mistake."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        line = console.mistake(error)
        if line is None:
            raise
        console.complain(line)
        sys.exit(1)
