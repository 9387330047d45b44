"""What the demo prints: where it is, who can sign in and what they see, and what to try."""

from __future__ import annotations

import os
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from models import Grant, Site, User
from models.database import writing
from resolvers.ids import encode
from server import console
from server.demo.people import (
    ALDGATE_CLIENTS,
    ALDGATE_STAFF,
    BRIGHTWATER_CLIENTS,
    BRIGHTWATER_STAFF,
    PASSWORD,
)
from server.settings import Settings

WATCHER, NAME = "incidents@northgate.example", "incident_reports"
_TRY = """
[b]What to try[/b]

1. Open [b]{origin}/[/b] and sign in as [b]{watcher}[/b]: the incident reports of one site, nothing else.
2. In another browser (or a private window) sign in as [b]access@aldgate.example[/b] and open [b]{origin}/graphiql[/b]
3. Take the right away there and watch the first browser; nothing is reloaded:

   [cyan]mutation {{ revokeAccess(input: {{ id: "{grant}" }}) {{ userErrors {{ code message }} }} }}[/cyan]

4. Give it back, and the reports return:

   [cyan]mutation {{
     grantAccess(input: {{
       userId: "{user}", placeId: "{site}", name: "{name}"
     }}) {{ userErrors {{ code message }} }}
   }}[/cyan]

5. The same from a terminal (with grant instead of revoke to give it back):

   [cyan]{command} user revoke {watcher} {name} --at {site}[/cyan]

6. Mail goes nowhere from here: invitations and forgotten passwords are read at [b]{origin}/mailbox[/b]
7. Sign in as [b]admin@brightwater.example[/b]: another company behind the same door, and not a word of Aldgate's.

Everybody's password is [b]{password}[/b].   Open [b]{origin}/[/b]   Ctrl-C stops all of it.
"""


@dataclass(frozen=True)
class Guide:
    """The ids that the examples need."""

    user: str
    grant: str
    site: str

    def show(self, settings: Settings) -> None:
        """Print all of it; lines are not broken, so that they can be copied."""
        console.out.print(_people())
        said = {"watcher": WATCHER, "name": NAME, "password": PASSWORD, "command": _command(settings)}
        console.out.print(_TRY.format(origin=settings.origin, **said, **vars(self)))


def _command(settings: Settings) -> str:
    """How the console script is called from where the demo was started, on the demo's database."""
    script = "portico" if Path(sys.argv[0]).name != "__main__.py" else f"{_shortened(sys.executable)} -m server"
    given = settings.database_url is not None and "DATABASE_URL" in os.environ
    return script if given else f"PORTICO_HOME={_shortened(settings.data_dir)} {script}"


def _shortened(path: str | Path) -> str:
    """The path as it is typed from here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else str(path)


def _people() -> Table:
    table = Table("Sign in as", "Who", "What they see", box=None, pad_edge=False, title="Who can sign in")
    for house, staff, clients in (
        ("Aldgate", ALDGATE_STAFF, ALDGATE_CLIENTS),
        ("Brightwater", BRIGHTWATER_STAFF, BRIGHTWATER_CLIENTS),
    ):
        for person in staff:
            table.add_row(person.email, f"{house}'s staff", person.role.replace("_", " "))
        for client in clients:
            table.add_row(client.email, f"{house}'s client", client.says)
    return table


async def described(engine: AsyncEngine, tenant_id: uuid.UUID) -> Guide:
    """The ids of the user who watches and of the grant that is taken away, as they are now."""
    query = (
        select(User.id, Grant.id, Site.id)
        .outerjoin(
            Grant,
            (Grant.tenant_id == User.tenant_id) & (Grant.user_id == User.id) & Grant.archived_at.is_(None),
        )
        .outerjoin(Site, (Site.tenant_id == Grant.tenant_id) & (Site.id == Grant.site_id))
        .where(User.tenant_id == tenant_id, User.email == WATCHER)
        .limit(1)
    )
    async with writing(engine, tenant_id) as session:
        user, grant, site = (await session.execute(query)).one()
    return Guide(
        user=encode(User, user),
        grant=encode(Grant, grant) if grant else "(revoked already)",
        site=encode(Site, site) if site else "(its site's id)",
    )
