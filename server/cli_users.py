"""The commands about people and tenants. They act as the system, behind the same fence as everybody else."""
# ruff: noqa: PLC0415  (a command loads what it needs when it runs, so that `--help` does not wait for it)

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from server import console

if TYPE_CHECKING:
    from server.office import Office

Answer = TypeVar("Answer")
users = typer.Typer(no_args_is_help=True, help="Who can sign in, and what they may do.")
tenants = typer.Typer(no_args_is_help=True, help="The companies that are served from this database.")

Email = Annotated[str, typer.Argument(help="The address the user signs in with.")]
TenantSlug = Annotated[str | None, typer.Option("--tenant", help="The tenant's short name, if there are several.")]
GrantName = Annotated[str, typer.Argument(help="A role, a feature or a permission: `portico policy` lists them.")]
At = Annotated[str | None, typer.Option(help="The id of an organization or a site; without it, all of the user's own.")]


@users.command(name="create-staff")
def create_staff(
    email: Email,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[list[str] | None, typer.Option(help="A role in the whole tenant; may be given repeatedly.")] = None,
    job_title: Annotated[str | None, typer.Option(help="What the person does.")] = None,
    tenant: TenantSlug = None,
) -> None:
    """Create a member of the staff. They can sign in once they have a password."""
    from server import directory

    given = {"name": name, "email": email} | ({"job_title": job_title} if job_title else {})
    made = run_in_office(lambda office: directory.create_staff(office, tenant, given, role or []))
    console.say(f"Created {made.email}. Next: portico user password {made.email}")


@users.command()
def invite(
    email: Annotated[str, typer.Argument(help="The address of a client's contact.")],
    role: Annotated[str | None, typer.Option(help="portal_viewer or portal_manager, at the place.")] = None,
    at: At = None,
    tenant: TenantSlug = None,
) -> None:
    """Invite a client's contact to the portal. The worker sends the mail."""
    from server import directory

    now = datetime.now(UTC)
    until = run_in_office(lambda office: directory.invite(office, email, tenant, role=role, at=at, now=now))
    console.say(f"Invited {email}. The link works once, until {until:%Y-%m-%d %H:%M} UTC.")


@users.command()
def password(email: Email, tenant: TenantSlug = None) -> None:
    """Set a password, typed or read from standard input. Whoever was signed in is signed out."""
    from server import directory

    said = console.secret("Password")
    run_in_office(lambda office: directory.set_password(office, email, tenant, said))
    console.say(f"{email} signs in with the new password.")


@users.command(name="forget-factors")
def forget_factors(email: Email, tenant: TenantSlug = None) -> None:
    """Take all second factors from somebody who has lost them. Be sure whom you are talking to."""
    from server import directory

    run_in_office(lambda office: directory.reset_factors(office, email, tenant, datetime.now(UTC)))
    console.say(f"{email} signs in with the password alone, and should add a second factor.")


@users.command()
def token(
    email: Email,
    tenant: TenantSlug = None,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")] = 90,
) -> None:
    """Print a bearer token for scripts. It is shown this once."""
    from server import directory

    now = datetime.now(UTC)
    console.say(
        run_in_office(lambda office: directory.open_token(office, email, tenant, label=label, now=now, days=days))
    )


@users.command()
def grant(email: Email, name: GrantName, at: At = None, tenant: TenantSlug = None) -> None:
    """Give a role, feature or permission at a place; answered when every open page knows."""
    from server import directory

    run_in_office(lambda office: directory.grant(office, email, tenant, name=name, at=at))
    console.say(f"{email} has {name} now.")


@users.command()
def revoke(email: Email, name: GrantName, at: At = None, tenant: TenantSlug = None) -> None:
    """Take a role, feature or permission away; answered when nothing is sent under it any more."""
    from server import directory

    now = datetime.now(UTC)
    run_in_office(lambda office: directory.revoke(office, email, tenant, name=name, at=at, now=now))
    console.say(f"{email} has {name} there no more.")


@users.command()
def suspend(email: Email, tenant: TenantSlug = None) -> None:
    """Sign a user out everywhere, at once, until they are reactivated."""
    from server import directory

    run_in_office(lambda office: directory.suspend(office, email, tenant, datetime.now(UTC)))
    console.say(f"{email} is suspended.")


@users.command()
def reactivate(email: Email, tenant: TenantSlug = None) -> None:
    """Let a suspended user sign in again."""
    from server import directory

    run_in_office(lambda office: directory.reactivate(office, email, tenant, datetime.now(UTC)))
    console.say(f"{email} can sign in again.")


@users.command(name="list")
def list_users(tenant: TenantSlug = None) -> None:
    """List the users of a tenant with what they were granted."""
    from server import directory

    found = run_in_office(lambda office: directory.people(office, tenant))
    console.table("E-MAIL", "NAME", "KIND", "STATUS", "MAY", rows=found)


@tenants.command(name="create")
def create_tenant(
    slug: Annotated[str, typer.Argument(help="The short name, such as aldgate.")],
    name: Annotated[str, typer.Option(help="The company's name.")],
    time_zone: Annotated[str, typer.Option(help="An IANA time zone.")] = "UTC",
    currency: Annotated[str, typer.Option(help="An ISO 4217 code.")] = "USD",
) -> None:
    """Create a tenant."""
    from server import directory

    run_in_office(lambda office: directory.add_tenant(office, slug, name=name, time_zone=time_zone, currency=currency))
    console.say(f"Created {slug}. Next: portico user create-staff EMAIL --name NAME --role administrator")


@tenants.command(name="suspend")
def suspend_tenant(slug: Annotated[str, typer.Argument(help="The tenant's short name.")]) -> None:
    """Shut a tenant: nobody of it gets in, and whoever is in is out at once."""
    from server import directory

    run_in_office(lambda office: directory.suspend_tenant(office, slug))
    console.say(f"Suspended {slug}. Nothing of it is sent any more.")


@tenants.command(name="resume")
def resume_tenant(slug: Annotated[str, typer.Argument(help="The tenant's short name.")]) -> None:
    """Open a suspended tenant again."""
    from server import directory

    run_in_office(lambda office: directory.resume_tenant(office, slug))
    console.say(f"Resumed {slug}.")


@tenants.command(name="list")
def list_tenants() -> None:
    """List the tenants."""
    found = run_in_office(lambda office: office.tenants())
    rows = ((one.slug, one.name, one.status, one.time_zone, one.currency) for one in found)
    console.table("SLUG", "NAME", "STATUS", "TIME ZONE", "CURRENCY", rows=rows)


def run_in_office(command: Callable[[Office], Awaitable[Answer]]) -> Answer:
    """Open the database of the settings and run the command in it."""
    from server import office
    from server.settings import load_settings

    async def run(url: str) -> Answer:
        async with office.opened(url) as opened:
            return await command(opened)

    with office.database(load_settings()) as ready:
        return asyncio.run(run(ready.database_url or ""))
