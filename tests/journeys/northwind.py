"""Fixture R of the journeys: Northwind Retail with its sites S1 to S6, beside another client and another tenant."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from auth import sessions
from auth.actor import Actor, system_actor
from domain import access, contacts, contracts, jobs, organizations, reports, sites, users
from models import Contact, Contract, Job, Location, Organization, Report, ReportKind, SessionKind, Site, Tenant, User
from models import Place as At
from models.database import writing
from tests.world.seed import World

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
"""Where the clock of every journey stands still unless it says otherwise."""
PER_SITE = 6
_KINDS = [*ReportKind, ReportKind.ACTIVITY, ReportKind.INCIDENT]


def frozen() -> datetime:
    """The clock of a served process."""
    return NOW


@dataclass
class Company:
    """One tenant while it is being written."""

    session: AsyncSession
    actor: Actor
    world: World
    sites: dict[str, Site] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    async def client(self, name: str, *places: str) -> Organization:
        """A client with a contract, and at each site a job, six published reports about it and a contract."""
        fields = {"legal_name": f"{name} Limited", "short_name": name, "location": Location.LOCAL}
        made = await organizations.create(self.session, self.actor, fields=fields)
        await organizations.activate(self.session, self.actor, made, on=NOW)
        for number, contact in enumerate(("Ann", "Ben", "Cal")):
            given = {"name": f"{contact} of {name}", "email": f"{contact.lower()}{number}@{name.lower()}.example"}
            await contacts.create(self.session, self.actor, made, None, fields=given)
        await self._contract(made, None)
        for place in places:
            await self._site(made, place)
        return made

    async def _site(self, client: Organization, name: str) -> None:
        zone = "America/Los_Angeles" if name == "S6" else "Europe/London"
        site = await sites.create(self.session, self.actor, client, fields={"name": name, "time_zone": zone})
        self.sites[name] = site
        await self._contract(client, site)
        job = await self._job(client, site)
        for number, kind in enumerate(_KINDS):
            await self._report(site, job, number, kind)

    async def _contract(self, client: Organization, site: Site | None) -> Contract:
        given = {
            "title": f"Guarding {site.name if site else client.short_name}", "start_on": date(2026, 1, 1),
            "base_rate": Decimal("30.00"), "weekend_multiplier": Decimal("1.25"), "holiday_multiplier": Decimal(2),
        }  # fmt: skip
        made = await contracts.create(self.session, self.actor, client, site, fields=given)
        await contracts.activate(self.session, self.actor, made, on=NOW)
        return made

    async def _job(self, client: Organization, site: Site) -> Job:
        given = {"title": f"Patrol {site.name}", "scheduled_at": NOW + timedelta(days=1)}
        made = await jobs.create(self.session, self.actor, client, site, None, fields=given, on=NOW)
        await jobs.schedule(self.session, self.actor, made, on=NOW)
        return made

    async def _report(self, site: Site, job: Job, number: int, kind: ReportKind) -> Report:
        given: dict[str, Any] = {
            "kind": kind, "title": f"Quarterly {number} of {site.name}", "summary": f"Summary {number} of {site.name}",
            "body": "All is well.", "period_start": date(2026, 5, 1 + number), "period_end": date(2026, 5, 31),
            "figures": [{"title": "Hours", "unit": "h", "points": [{"label": "May", "value": Decimal("168.50")}]}],
        }  # fmt: skip
        made = await reports.create(self.session, self.actor, site, job, fields=given)
        await reports.publish(self.session, self.actor, made, on=NOW)
        return made

    async def person(self, name: str, home: Organization | None, *grants: tuple[str, At]) -> User:
        """Somebody who is signed in; of the staff unless a home is named."""
        email = f"{name}@{'staff' if home is None else 'client'}.example"
        if home is None:
            fields = {"name": name.title(), "email": email}
            user = await users.create_staff(self.session, self.actor, job_title=None, fields=fields)
        else:
            fields = {"name": name.title(), "email": email}
            contact: Contact = await contacts.create(self.session, self.actor, home, None, fields=fields)
            user = await users.create_portal(self.session, self.actor, home, contact)
        await users.set_password(self.session, self.actor, user, "no hash of anything")
        for granted, at in grants:
            await access.grant(self.session, self.actor, user, name=granted, at=at)
        self.users[name] = user
        self.world.users[name] = f"usr_{user.id.hex}"
        self.world.tokens[name] = await self.token(user)
        return user

    async def token(self, user: User) -> str:
        """One more session."""
        return await sessions.open_session(
            self.session,
            tenant_id=user.tenant_id,
            user_id=user.id,
            kind=SessionKind.TOKEN,
            label="journey",
            now=datetime.now(UTC),
            lifetime=timedelta(days=1),
        )


async def build(engine: AsyncEngine) -> World:
    """Meridian with Northwind and Southgate, and Umbra, whose clients are called the same."""
    world = World()
    for slug in ("meridian", "umbra"):
        tenant = uuid.uuid4()
        world.tenants[slug] = f"ten_{tenant.hex}"
        async with writing(engine, tenant) as session:
            session.add(Tenant(id=tenant, slug=slug, name=slug.title()))
            await session.flush()
            await _people(Company(session, system_actor(tenant), world), slug)
            # Nobody is served yet, so there is nobody the changes of access would have to be fenced from.
            session.info.clear()
            await session.commit()
    return world


async def _people(company: Company, slug: str) -> None:
    northwind = await company.client("Northwind", *(f"S{number}" for number in range(1, 7)))
    southgate = await company.client("Southgate", "G1")
    tenant = At(company.actor.tenant_id)
    if slug == "umbra":
        await company.person("una", None, ("administrator", tenant))
        await company.person("uri", northwind, ("portal_manager", northwind.place))
        return
    two = [company.sites[name].place for name in ("S1", "S2")]
    await company.person("ada", None, ("administrator", tenant))
    await company.person("olga", northwind, ("portal_manager", northwind.place))
    await company.person("pat", northwind, *((name, at) for at in two for name in ("jobs", "contracts", "reports")))
    await company.person("nat", northwind)
    for number in range(20):
        await company.person(f"other{number}", southgate, ("portal_manager", southgate.place))
