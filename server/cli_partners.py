"""The commands about partners' applications. They act as the system, behind the same fence as everybody else."""
# ruff: noqa: PLC0415  (a command loads what it needs when it runs, so that `--help` does not wait for it)

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from server import console
from server.cli_users import TenantSlug, run_in_office

if TYPE_CHECKING:
    from server.partner_directory import Made

partners = typer.Typer(no_args_is_help=True, help="The programs of partners, and what they may ask for.")

ClientId = Annotated[str, typer.Argument(help="The application's client id.")]
Label = Annotated[str | None, typer.Option(help="What the secret is called.")]


@partners.command()
def create(
    name: Annotated[str, typer.Argument(help="What the application is called.")],
    scope: Annotated[list[str], typer.Option(help="A scope such as sites:read; may be given repeatedly.")],
    at: Annotated[
        list[str] | None, typer.Option(help="The id of an organization or site; without it, the whole tenant.")
    ] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="A field it may ask for, such as Site.name; without it, all.")
    ] = None,
    tenant: TenantSlug = None,
) -> None:
    """Create an application and print its client id and its secret, which is shown this once."""
    from server import partner_directory as directory

    wanted = directory.Wanted(name, scope, at or (None,), field)
    _tell(run_in_office(lambda office: directory.create(office, tenant, wanted)))


@partners.command()
def rotate(client_id: ClientId, label: Label = None) -> None:
    """Add a second secret beside the one in use, and print it this once."""
    from server import partner_directory as directory

    now = datetime.now(UTC)
    _tell(run_in_office(lambda office: directory.rotate(office, client_id, label=label, now=now)))


@partners.command(name="end-secret")
def end_secret(client_id: ClientId, label: Label = None) -> None:
    """End a secret with all tokens that were got with it; answered when nothing is sent under them any more."""
    from server import partner_directory as directory

    now = datetime.now(UTC)
    run_in_office(lambda office: directory.end_secret(office, client_id, label=label, now=now))
    console.say("The secret is ended.")


@partners.command()
def disable(client_id: ClientId) -> None:
    """End every token of an application, until it is enabled again."""
    from server import partner_directory as directory

    now = datetime.now(UTC)
    run_in_office(lambda office: directory.disable(office, client_id, now=now))
    console.say("The application is disabled.")


@partners.command()
def enable(client_id: ClientId) -> None:
    """Let a disabled application ask for tokens again."""
    from server import partner_directory as directory

    now = datetime.now(UTC)
    run_in_office(lambda office: directory.enable(office, client_id, now=now))
    console.say("The application can ask for tokens again.")


@partners.command(name="list")
def list_applications(tenant: TenantSlug = None) -> None:
    """List the applications of a tenant with their scopes and fields."""
    from server import partner_directory as directory

    found = run_in_office(lambda office: directory.applications(office, tenant))
    console.table("CLIENT ID", "NAME", "STATUS", "ENVIRONMENT", "SCOPES", "FIELDS", rows=found)


@partners.command()
def sandbox(name: Annotated[str, typer.Argument(help="What the application is called.")]) -> None:
    """Create an application on a made-up company in a tenant of its own, where nothing can be broken."""
    from server import partner_directory as directory

    now = datetime.now(UTC)
    _tell(run_in_office(lambda office: directory.sandbox(office, name, now=now)))


def _tell(made: Made) -> None:
    console.say(f"client id: {made.client_id}")
    console.say(f"secret:    {made.secret}")
