"""The commands about single sign-on: which identity providers a tenant trusts."""
# ruff: noqa: PLC0415  (a command loads what it needs when it runs, so that `--help` does not wait for it)

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Annotated

import typer

from server import console
from server.cli_users import TenantSlug, run_in_office

sso = typer.Typer(no_args_is_help=True, help="The identity providers at which the staff signs in.")

Slug = Annotated[str, typer.Argument(help="The provider's short name, such as entra.")]
Issuer = Annotated[str, typer.Option(help="The provider's address, exactly as it calls itself.")]
ClientId = Annotated[str, typer.Option(help="The name under which the provider knows this service.")]
Label = Annotated[str | None, typer.Option(help="What the button says; the short name by default.")]
GroupClaim = Annotated[str | None, typer.Option(help="The claim that names somebody's groups, such as groups.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="GROUP=ROLE; may be given repeatedly.")]
Domains = Annotated[list[str] | None, typer.Option("--domain", help="Offer it to addresses of this domain.")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="Ask for this scope as well, such as groups.")]
Algorithm = Annotated[str, typer.Option(help="How the provider signs.")]


class Strangers(enum.StrEnum):
    """What becomes of somebody whom the provider sends and nobody here knows."""

    REFUSE = "refuse"
    CREATE = "create"


WhatOfStrangers = Annotated[Strangers, typer.Option(help="Colleagues without an account are refused, or created.")]


@sso.command(name="set")
def set_provider(  # noqa: PLR0913  (the options of the command)
    slug: Slug,
    issuer: Issuer,
    client_id: ClientId,
    tenant: TenantSlug = None,
    label: Label = None,
    group_claim: GroupClaim = None,
    role: Roles = None,
    domain: Domains = None,
    scope: Scopes = None,
    algorithm: Algorithm = "RS256",
    strangers: WhatOfStrangers = Strangers.REFUSE,
) -> None:
    """Trust a provider, or change how. The client's secret is typed, or read from standard input; empty for none."""
    from server import identity_providers
    from server.settings import load_settings

    given = identity_providers.Given(
        slug=slug,
        label=label or slug,
        issuer=issuer,
        client_id=client_id,
        secret=console.secret("The client's secret"),
        algorithm=algorithm,
        scopes=tuple(scope or ()),
        domains=tuple(domain or ()),
        group_claim=group_claim,
        roles=tuple(role or ()),
        provisions=strangers is Strangers.CREATE,
    )
    settings = load_settings()
    named = run_in_office(lambda office: identity_providers.trust(office, settings.signing_key(), tenant, given))
    console.say(f"{slug} is trusted. Have it allow {settings.origin}/auth/sso/{named}/callback")
    console.say(f"and, after signing out, {settings.origin}/sign-in")


@sso.command()
def remove(slug: Slug, tenant: TenantSlug = None) -> None:
    """Trust a provider no more: whoever signed in there is signed out, and loses what their groups gave them."""
    from server import identity_providers

    now = datetime.now(UTC)
    run_in_office(lambda office: identity_providers.distrust(office, tenant, slug, now))
    console.say(f"{slug} is not trusted any more.")


@sso.command(name="list")
def list_providers(tenant: TenantSlug = None) -> None:
    """List the providers of a tenant."""
    from server import identity_providers

    found = run_in_office(lambda office: identity_providers.trusted(office, tenant))
    console.table("NAME", "LABEL", "ISSUER", "CLIENT", "ROLES BY GROUP", rows=found)
