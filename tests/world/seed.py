"""The world, built through the domain functions, so that it is one the service itself could have come to.

Everything nobody may read by accident carries ``SECRET`` and a number, so that a leak is found by searching the bytes
of an answer.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from auth import sessions
from auth.actor import Actor, system_actor
from domain import access, contacts, contracts, invitations, jobs, organizations, partners, reports, sites, users
from domain.invitations import Welcome
from models import (
    Contact,
    Contract,
    InvitationDelivery,
    Job,
    JobPriority,
    Location,
    Organization,
    PartnerApplication,
    PartyRole,
    Passkey,
    PaymentTerms,
    Place,
    ReportKind,
    SessionKind,
    Site,
    Tenant,
    User,
)
from models.database import writing
from tests.world.offers import offer, offer_abroad

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
INVITED = datetime.now(UTC)
KINDS = list(ReportKind)
JOB_STEPS = (
    (),
    ("schedule",),
    ("schedule", "start"),
    ("schedule", "hold"),
    ("schedule", "start", "complete"),
    ("cancel",),
)

STAFF: dict[str, tuple[tuple[str, str], ...]] = {
    "administrator": (("administrator", ""),),
    "account_manager": (("account_manager", ""),),
    "operations_lead": (("operations_lead", ""),),
    "finance": (("finance", ""),),
    "access_manager": (("client_access_manager", ""),),
    "dispatcher": (("dispatcher", ""),),
    "clerk": (("clients.view", ""),),
    "cedar_lead": (("operations_lead", "Cedar"),),
    "cedar_access": (("client_access_manager", "Cedar"), ("contracts.edit", "Alder/North")),
    "mail_only": (("mail.cto", "Alder"),),
    "nobody": (),
}
"""Staff by name: what each was granted, and where (nothing: the tenant, ``A``: an organization, ``A/B``: a site)."""

PORTAL: dict[str, tuple[tuple[str, str], ...]] = {
    "portal_manager": (("portal_manager", "Alder"),),
    "portal_two_sites": (
        ("portal_viewer", "Alder/North"),
        ("reports", "Alder/North"),
        ("portal_viewer", "Alder/South"),
        ("reports", "Alder/South"),
    ),
    "portal_incidents": (("incident_reports", "Alder/North"),),
    "portal_nothing": (),
    "portal_raw": (("contracts.view", "Alder/North"),),
    "portal_mixed": (("contracts", "Alder"), ("rates", "Alder/North"), ("billing", "Alder/South")),
    "portal_party": (("portal_viewer", "Cedar"), ("contacts", "Cedar/East")),
    "portal_asking": (("requests", "Alder/South"), ("contact_changes", "Alder/North")),
}
PARTNERS: dict[str, tuple[tuple[str, str], ...]] = {
    "partner": (
        ("jobs:read", "Alder"),
        ("contacts:read", "Alder/North"),
        ("reports:read", "Cedar"),
        ("rates:read", ""),
    ),
    "partner_nothing": (),
}
FOREIGN: dict[str, tuple[tuple[str, str], ...]] = {
    "foreign_administrator": (("administrator", ""),),
    "foreign_portal": (("portal_manager", "Alder"),),
}
VIEWERS = (*STAFF, *PORTAL, *PARTNERS, *FOREIGN)
WITH_A_PASSKEY = {"portal_raw", "portal_party", "clerk", "access_manager"}
"""They have a second factor that could be reset; with their tokens nobody is asked for it."""


@dataclass
class World:
    """What the tests need to know beyond the rows themselves."""

    tokens: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    tenants: dict[str, str] = field(default_factory=dict)


@dataclass
class Builder:
    """Builds one tenant."""

    session: AsyncSession
    actor: Actor
    prefix: str
    numbers: count[int] = field(default_factory=count)
    organizations: dict[str, Organization] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def secret(self) -> str:
        return f"SECRET-{self.prefix}-{next(self.numbers):04}"

    def place(self, path: str) -> Place:
        if not path:
            return Place(self.actor.tenant_id)
        return self.sites[path].place if "/" in path else self.organizations[path].place

    async def organization(self, name: str, *states: str, **fields: Any) -> Organization:
        number = next(self.numbers)
        given = {
            "legal_name": f"{name} Limited",
            "short_name": name,
            "location": Location.LOCAL,
            "industry": "Logistics",
            "website": f"https://{name.lower()}.example",
            "external_id": f"ORG-{name}",
            "new_business_year": 2020,
            "tax_number": self.secret(),
            "vat_number": self.secret(),
            "registration_number": self.secret(),
            "payment_terms": PaymentTerms.NET,
            "payment_days": 30 + number % 60,
            "billing_email": f"secret-{self.prefix}-{number}@billing.example",
            "remittance_details": self.secret(),
            "internal_notes": self.secret(),
            **fields,
        }
        made = await organizations.create(self.session, self.actor, fields=given)
        self.organizations[name] = made
        for state in states:
            await getattr(organizations, state)(self.session, self.actor, made, on=NOW)
        return made

    async def site(self, path: str, **fields: Any) -> Site:
        organization, name = path.split("/")
        given = {
            "name": name,
            "time_zone": "Europe/Berlin",
            "address_street": f"{name} Street 1",
            "address_city": f"{name} City",
            "address_country": "DE",
            "latitude": Decimal("52.5"),
            "longitude": Decimal("13.25"),
            "service_details": "Ring twice",
            "internal_notes": self.secret(),
            **fields,
        }
        self.sites[path] = await sites.create(self.session, self.actor, self.organizations[organization], fields=given)
        return self.sites[path]

    async def contact(self, place: str, name: str, **fields: Any) -> Contact:
        organization, _, _ = place.partition("/")
        number = next(self.numbers)
        given = {
            "name": name,
            "email": f"{name.lower()}@{organization.lower()}.{self.prefix}.example",
            "job_title": "Manager",
            "phone": "+442079460018",
            "private_phone": f"+44207946{number:04}",
            "internal_notes": self.secret(),
            **fields,
        }
        return await contacts.create(
            self.session, self.actor, self.organizations[organization], self.sites.get(place), fields=given
        )

    async def contract(self, place: str, reference: str, *states: str, **fields: Any) -> Contract:
        organization, _, _ = place.partition("/")
        number = next(self.numbers)
        given = {
            "reference": f"{self.prefix}-{reference}",
            "title": f"Contract {reference}",
            "start_on": date(2026, 1, 1) + timedelta(days=number % 5),
            "end_on": date(2027, 12, 31),
            "currency": "EUR",
            "base_rate": Decimal(1000) + number,
            "weekend_multiplier": Decimal("1.5"),
            "holiday_multiplier": Decimal("2.125"),
            "commercial_terms": self.secret(),
            "internal_notes": self.secret(),
            **fields,
        }
        made = await contracts.create(
            self.session, self.actor, self.organizations[organization], self.sites.get(place), fields=given
        )
        for state in states:
            await getattr(contracts, state)(self.session, self.actor, made, on=NOW)
        return made

    async def job(
        self, place: str, reference: str, *steps: str, contract: Contract | None = None, **fields: Any
    ) -> Job:
        organization, _, _ = place.partition("/")
        number = next(self.numbers)
        given = {
            "reference": f"{self.prefix}-{reference}",
            "title": f"Job {reference}",
            "priority": list(JobPriority)[number % 4],
            "scheduled_at": NOW + timedelta(hours=number % 7),
            "duration_minutes": 60,
            "cost": Decimal(500000) + number,
            "internal_notes": self.secret(),
            **fields,
        }
        made = await jobs.create(
            self.session,
            self.actor,
            self.organizations[organization],
            self.sites[place],
            contract,
            fields=given,
            on=NOW,
        )
        for step in steps:
            await getattr(jobs, step)(self.session, self.actor, made, on=NOW)
        return made

    async def report(self, place: str, kind: ReportKind, *steps: str, job: Job | None = None, **fields: Any) -> Any:
        number = next(self.numbers)
        given = {
            "kind": kind,
            "title": f"Report {number:04}",
            "summary": f"SECRET-REPORT-{self.prefix}-{number:04}",
            "body": "All is well",
            "figures": _figures(number),
            "period_start": date(2026, 5, 1) + timedelta(days=number % 4),
            "period_end": date(2026, 5, 31),
            "internal_notes": self.secret(),
            **fields,
        }
        made = await reports.create(self.session, self.actor, self.sites[place], job, fields=given)
        for step in steps:
            await getattr(reports, step)(self.session, self.actor, made, on=NOW)
        return made

    async def staff(self, name: str, grants: tuple[tuple[str, str], ...]) -> User:
        title = name.replace("_", " ").title()
        fields = {"name": title, "email": f"{name}@{self.prefix}.example"}
        made = await users.create_staff(self.session, self.actor, job_title="Clerk", fields=fields)
        return await self.user(name, made, grants)

    async def portal(self, name: str, home: str, grants: tuple[tuple[str, str], ...]) -> User:
        title = name.replace("_", " ").title()
        contact = await self.contact(home, title, email=f"{name}@{self.prefix}.example")
        place = self.organizations[home]
        letter = await invitations.invite(self.session, self.actor, place, contact, Welcome(), on=INVITED)
        await invitations.cancel(self.session, self.actor, letter, on=INVITED)
        made = await self.session.get_one(User, (letter.tenant_id, letter.user_id))
        return await self.user(name, made, grants)

    async def partner(self, name: str, grants: tuple[tuple[str, str], ...]) -> User:
        """A program with points enough for whatever the tests ask."""
        fields = {"name": name.replace("_", " ").title(), "bucket": 1_000_000, "restore_rate": 100_000}
        application, _ = await partners.create(self.session, self.actor, fields=fields)
        self.users[name] = made = await partners.user_of(self.session, application)
        for granted, at in grants:
            await access.grant(self.session, self.actor, made, name=granted, at=self.place(at))
        return made

    async def user(self, name: str, made: User, grants: tuple[tuple[str, str], ...]) -> User:
        self.users[name] = made
        await users.set_password(self.session, self.actor, made, "no hash of anything")
        for granted, at in grants:
            await access.grant(self.session, self.actor, made, name=granted, at=self.place(at))
        return made


def _figures(number: int) -> list[dict[str, Any]]:
    """None for some reports, and one or two for the others."""
    points = [{"label": f"Week {week}", "value": Decimal(number * week) / 4} for week in range(1, 4)]
    hours = {"title": "Hours worked", "unit": "h", "points": points}
    return [[], [hours], [hours, {"title": "Call-outs", "points": points[:1]}]][number % 3]


async def build(engine: AsyncEngine) -> World:
    """Both tenants, in a database that is otherwise empty."""
    world = World()
    await _tenant(engine, world, "acme", _acme)
    await _tenant(engine, world, "umbra", _umbra)
    return world


async def _tenant(engine: AsyncEngine, world: World, slug: str, fill: Any) -> None:
    id = uuid.uuid4()
    world.tenants[slug] = f"ten_{id.hex}"
    async with writing(engine, id) as session:
        session.add(Tenant(id=id, slug=slug, name=slug.title(), time_zone="Europe/Berlin", currency="EUR"))
        await session.flush()
        builder = Builder(session, system_actor(id), slug)
        await fill(builder)
        for name, user in builder.users.items():
            world.users[name] = f"usr_{user.id.hex}"
            world.tokens[name] = await sessions.open_session(
                session,
                tenant_id=id,
                user_id=user.id,
                kind=SessionKind.TOKEN,
                label="tests",
                now=datetime.now(UTC),
                lifetime=timedelta(days=1),
            )
        for name in builder.users.keys() & WITH_A_PASSKEY:
            session.add(
                Passkey(
                    tenant_id=id,
                    user_id=builder.users[name].id,
                    label="Key",
                    credential_id=name.encode(),
                    public_key=b"-",
                )
            )
        # Nobody is served yet, so there is nobody the changes of access would have to be fenced from.
        session.info.clear()
        await session.commit()


async def _acme(b: Builder) -> None:
    for name in ("Alder", "Birch", "Cedar"):
        await b.organization(name, "activate")
    await b.organization("Elder", "activate")
    await b.organization("Holly", "activate", "pause")
    await b.organization("Myrtle", location=Location.FOREIGN, payment_terms=PaymentTerms.IMMEDIATE, payment_days=None)
    for path in (
        "Alder/North", "Alder/South", "Alder/Old", "Birch/Dock", "Birch/Yard", "Cedar/East", "Cedar/West", "Elder/Home",
        "Holly/Mill",
    ):  # fmt: skip
        await b.site(path, address_country="FR" if path.startswith("Birch") else "DE")
    people = {
        "Ada": await b.contact("Alder", "Ada", designations=["BILLING", "EMERGENCY"]),
        "Noor": await b.contact("Alder/North", "Noor"),
        "Cem": await b.contact("Cedar", "Cem"),
    }
    await b.contact("Birch", "Bea")
    await b.contact("Cedar/East", "Esra", email=None)
    gone = await b.contact("Alder", "Gus")
    await contacts.archive(b.session, b.actor, gone, on=NOW)
    await _work(b)
    await _people(b, STAFF, PORTAL)
    sue = {"name": "Sue Spended", "email": "sue@acme.example"}
    await b.user("suspended", await users.create_staff(b.session, b.actor, job_title=None, fields=sue), ())
    await users.suspend(b.session, b.actor, b.users["suspended"], on=NOW)
    await users.create_staff(
        b.session, b.actor, job_title=None, fields={"name": "Ina Vited", "email": "ina@acme.example"}
    )
    for name, grants in PARTNERS.items():
        await b.partner(name, grants)
    await b.partner("partner_disabled", ())
    disabled = await b.session.get_one(PartnerApplication, (b.actor.tenant_id, b.users["partner_disabled"].id))
    await partners.disable(b.session, b.actor, disabled, on=NOW)
    await _invitations(b)
    b.organizations["Birch"].owner_id = b.users["account_manager"].id
    b.organizations["Cedar"].owner_id = b.users["portal_party"].id
    revoked = await access.grant(b.session, b.actor, b.users["portal_nothing"], name="jobs", at=b.place("Alder"))
    await access.revoke(b.session, b.actor, b.users["portal_nothing"], revoked, on=NOW)
    await sites.limit(b.session, b.actor, b.sites["Birch/Yard"], on=NOW)
    await sites.close(b.session, b.actor, b.sites["Alder/Old"], on=NOW)
    await offer(b, people, NOW)
    await organizations.archive(b.session, b.actor, b.organizations["Elder"], on=NOW)


async def _work(b: Builder) -> None:
    await b.contract("Alder", "C-A1")
    frame = await b.contract("Alder", "C-A2", "activate")
    await b.contract("Alder", "C-A3", "activate", "expire")
    await b.contract("Alder", "C-A4", "activate", "terminate")
    await b.contract("Alder/North", "C-N1", "activate")
    await b.contract("Alder/North", "C-N2")
    await b.contract("Alder/North", "C-N3", "activate", base_rate=None, weekend_multiplier=None)
    await b.contract("Alder/South", "C-S1", "activate", base_rate=None)
    await b.contract("Birch", "C-B1", "activate")
    await b.contract("Birch/Dock", "C-B2")
    await b.contract("Cedar", "C-C1", "activate")
    for number, steps in enumerate(JOB_STEPS):
        await b.job("Alder/North", f"J-N{number}", *steps, contract=frame if number % 2 else None)
    shared = await b.job("Alder/South", "J-S1", contract=frame)
    await b.job("Alder/South", "J-S2", cost=None)
    await b.job("Alder/Old", "J-O1", "schedule", "start", "complete")
    left = await b.job("Birch/Dock", "J-B1", "schedule")
    billed = await b.job("Birch/Dock", "J-B2")
    await b.job("Cedar/East", "J-C1")
    cedar = b.organizations["Cedar"]
    add = {"contact_id": None, "role": PartyRole.STAKEHOLDER}
    await jobs.add_party(b.session, b.actor, shared, cedar, **add)
    await jobs.add_party(b.session, b.actor, billed, b.organizations["Alder"], contact_id=None, role=PartyRole.BILLING)
    await jobs.add_party(b.session, b.actor, left, cedar, **add)
    party = await _party(b, left, cedar)
    await jobs.remove_party(b.session, b.actor, left, party, on=NOW)
    await _reports(b, shared)


async def _party(b: Builder, job: Job, organization: Organization) -> Any:
    parties = await jobs._parties(b.session, job)
    return next(one for one in parties if one.organization_id == organization.id)


async def _reports(b: Builder, about: Job) -> None:
    for kind in KINDS:
        await b.report("Alder/North", kind)
        await b.report("Alder/North", kind, "publish")
        await b.report("Alder/North", kind, "publish", "withdraw")
        await b.report("Alder/South", kind, "publish")
        await b.report("Birch/Dock", kind, "publish")
    await b.report("Alder/North", ReportKind.INCIDENT, "publish", "archive")
    await b.report("Alder/North", ReportKind.INCIDENT, "archive")
    await b.report("Alder/South", ReportKind.INSPECTION, "publish", job=about)
    await b.report("Cedar/East", ReportKind.ACTIVITY, "publish")


async def _people(b: Builder, staff: dict[str, Any], portal: dict[str, Any]) -> None:
    for name, grants in staff.items():
        await b.staff(name, grants)
    for name, grants in portal.items():
        home = grants[0][1].partition("/")[0] if grants else "Alder"
        await b.portal(name, home, grants)


async def _invitations(b: Builder) -> None:
    """Letters in every state, at two organizations."""
    for home, name in (("Alder", "Una"), ("Cedar", "Uri"), ("Cedar", "Udo")):
        contact = await b.contact(home, name)
        made = await invitations.invite(b.session, b.actor, b.organizations[home], contact, Welcome(), on=INVITED)
        if name == "Uri":
            again = InvitationDelivery.TEMPORARY_PASSWORD
            await invitations.resend(b.session, b.actor, b.organizations[home], made, delivery=again, on=INVITED)
        if name == "Udo":
            await invitations.cancel(b.session, b.actor, made, on=INVITED)


async def _umbra(b: Builder) -> None:
    """The other tenant has the same names, so that only the wall keeps them apart."""
    await b.organization("Alder", "activate")
    await b.site("Alder/North")
    ada = await b.contact("Alder", "Ada")
    contract = await b.contract("Alder", "C-A1", "activate")
    await b.job("Alder/North", "J-N1", contract=contract)
    await b.report("Alder/North", ReportKind.INCIDENT, "publish")
    staff = {"foreign_administrator": FOREIGN["foreign_administrator"]}
    await _people(b, staff, {"foreign_portal": FOREIGN["foreign_portal"]})
    await b.partner("foreign_partner", (("jobs:read", "Alder"),))
    await offer_abroad(b, ada, NOW)
