"""A small company for the browser: a client with two sites and their reports, a manager, and one of the staff."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import system_actor
from auth.passwords import hashed
from domain import access, contacts, contracts, jobs, organizations, reports, services, sites, users
from models import Contact, Grant, Location, Organization, Place, Report, ReportKind, Site, Tenant, User, new_id
from models.database import application_engine, writing

PASSWORD = "correct horse battery"
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
PER_SITE = 6
FIGURES = [
    {"title": "Visits by kind", "unit": "visits", "points": [{"label": "Patrol", "value": Decimal(124)}]},
    {
        "title": "Answered in time",
        "unit": "%",
        "points": [{"label": f"Week {n}", "value": Decimal(90 + n)} for n in range(9)],
    },
]
PLACES = (
    {"name": "Leeds Store", "time_zone": "Europe/London", "latitude": Decimal("53.80"), "longitude": Decimal("-1.55")},
    {
        "name": "Hamburg Depot",
        "time_zone": "Europe/Berlin",
        "latitude": Decimal("53.55"),
        "longitude": Decimal("10.00"),
    },
)


@dataclass
class Company:
    """What the tests need to know of it."""

    tenant: uuid.UUID
    pat: User
    sites: list[Site]
    reports: list[Report]
    grant: Grant
    contact: Contact
    """Somebody without a way in."""


async def build(url: str) -> Company:
    """Write the company."""
    engine = application_engine(url)
    tenant = new_id()
    async with writing(engine, tenant) as session:
        session.add(Tenant(id=tenant, slug="meridian", name="Meridian Guarding"))
        await session.flush()
        company = await _company(session, tenant)
        # Nobody is signed in yet, so there is nobody the fence would have to be raised for.
        session.info.clear()
        await session.commit()
    await engine.dispose()
    return company


async def _company(session: AsyncSession, tenant: uuid.UUID) -> Company:
    actor = system_actor(tenant)
    client = await organizations.create(
        session,
        actor,
        fields={"legal_name": "Northwind Retail Ltd", "short_name": "Northwind", "location": Location.LOCAL},
    )
    await organizations.activate(session, actor, client, on=NOW)
    contract = await contracts.create(
        session, actor, client, None, fields={"title": "Guarding", "start_on": date(2026, 1, 1), "base_rate": 30}
    )
    await contracts.activate(session, actor, contract, on=NOW)
    places = [await sites.create(session, actor, client, fields=fields) for fields in PLACES]
    guarding = await services.create(session, actor, fields={"name": "Static guarding", "description": "At the gate."})
    await services.assign(session, actor, client, guarding)
    for site in places:
        fields = {"title": f"Night patrol, {site.name}", "scheduled_at": datetime(2027, 7, 1, 20, tzinfo=UTC)}
        job = await jobs.create(session, actor, client, site, contract, fields=fields, on=NOW)
        await jobs.schedule(session, actor, job, on=NOW)
    written = [await _report(session, tenant, site, number) for site in places for number in range(PER_SITE)]
    fields = {
        "name": "Noor Vance",
        "job_title": "Site manager",
        "email": "noor@northwind.example",
        "phone": "+441134960123",
    }
    noor = await contacts.create(session, actor, client, places[0], fields=fields)
    pat, grant = await _people(session, tenant, client, places)
    return Company(tenant, pat, places, written, grant, noor)


async def _report(session: AsyncSession, tenant: uuid.UUID, site: Site, number: int) -> Report:
    actor = system_actor(tenant)
    kind = (ReportKind.ACTIVITY, ReportKind.INCIDENT, ReportKind.INSPECTION)[number % 3]
    title = f"{kind.title()} at {site.name}" if number < 3 else f"{kind.title()} {number} at {site.name}"
    fields = {
        "kind": kind, "title": title, "figures": FIGURES if number == 0 else [],
        "summary": "All quiet.", "body": "Nothing to report.\n\nAll doors closed.",
        "period_start": date(2026, 5, 1 + number), "period_end": date(2026, 5, 2 + number),
    }  # fmt: skip
    report = await reports.create(session, actor, site, None, fields=fields)
    await reports.publish(session, actor, report, on=NOW)
    return report


async def _people(
    session: AsyncSession, tenant: uuid.UUID, client: Organization, places: list[Site]
) -> tuple[User, Grant]:
    actor = system_actor(tenant)
    secret = await hashed(PASSWORD)
    fields = {"name": "Pat Moss", "email": "pat@northwind.example"}
    contact = await contacts.create(session, actor, client, None, fields=fields)
    pat = await users.create_portal(session, actor, client, contact)
    await users.set_password(session, actor, pat, secret)
    for site in places:
        for name in ("portal_viewer", "requests", "contact_changes"):
            await access.grant(session, actor, pat, name=name, at=site.place)
    await access.grant(session, actor, pat, name="reports", at=places[0].place)
    grant = await access.grant(session, actor, pat, name="reports", at=places[1].place)
    ada = await users.create_staff(
        session, actor, job_title=None, fields={"name": "Ada Stone", "email": "ada@meridian.example"}
    )
    await users.set_password(session, actor, ada, secret)
    await access.grant(session, actor, ada, name="administrator", at=Place(tenant))
    return pat, grant
