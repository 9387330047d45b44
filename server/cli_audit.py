"""The commands about the audit trail: whether its chain holds, and its head, to be kept elsewhere."""
# ruff: noqa: PLC0415  (a command loads what it needs when it runs, so that `--help` does not wait for it)

from __future__ import annotations

from typing import Annotated

import typer

from server import console
from server.cli_users import TenantSlug, run_in_office

audit = typer.Typer(no_args_is_help=True, help="The audit trail of every change of access.")

Remembered = Annotated[
    str | None, typer.Option("--head", help="A head that was kept, as `portico audit head` prints it: NUMBER:HASH.")
]


@audit.command()
def verify(tenant: TenantSlug = None, head: Remembered = None) -> None:
    """Walk the chain of every tenant, or of one; the first entry that does not fit is named."""
    from server import auditing

    for slug, found in run_in_office(lambda office: auditing.verify(office, tenant, head)):
        console.say(f"{slug}: {found.sequence} entries, the chain holds. Head {auditing.written(found)}")


@audit.command()
def head(tenant: TenantSlug = None) -> None:
    """Print the head of a tenant's chain. Keep it where nobody who could change the chain can change it too."""
    from server import auditing

    console.say(auditing.written(run_in_office(lambda office: auditing.head(office, tenant))))
