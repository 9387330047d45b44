"""What the checker's company consists of, and the hands that change it beside the server processes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

import models
from auth import sessions
from auth.actor import system_actor
from domain import access, contacts, contracts, jobs, organizations, partners, reports, services, sites, users
from models import Location, PartyRole, Place, ReportKind, SessionKind
from models.database import application_engine, writing
from outbox.commit import Publisher
from outbox.fence import Fence
from outbox.wire import Wire
from resolvers.ids import encode
from tests.promise.ledger import Ledger


@dataclass(frozen=True)
class Secret:
    """A protected text: the row that holds it, the field it stands in, and the command that rewrites it."""

    key: str
    model: Any
    id: uuid.UUID
    field: str
    searchable: bool = False

    @property
    def node_id(self) -> str:
        """The row as the graph knows it."""
        return encode(self.model, self.id)

    @property
    def type(self) -> str:
        """The graph's type of the row."""
        return self.model.__name__

    @property
    def command(self) -> str:
        """The mutation that rewrites the text."""
        name = self.type
        return (
            f"mutation($id:ID!,$text:String!){{update{name}(input:{{id:$id,{self.field}:$text}})"
            f"{{userErrors{{code message}}}}}}"
        )


@dataclass
class Home:
    """One organization with a site, and what is protected there."""

    organization: uuid.UUID
    site: uuid.UUID
    secrets: Mapping[str, Secret]


@dataclass(frozen=True)
class Known:
    """An application, and the proof that one is it."""

    id: uuid.UUID
    client_id: str
    secret: str


@dataclass
class World:
    """The company."""

    tenant: uuid.UUID
    ledger: Ledger
    engine: Any
    publisher: Publisher
    prefix: str = ""
    """Before the keys of a further tenant, so that they are told from the first one's."""
    homes: list[Home] = field(default_factory=list)
    admins: list[str] = field(default_factory=list)

    async def token(self, user: uuid.UUID, kind: SessionKind = SessionKind.TOKEN) -> str:
        """A new session of the user."""
        async with writing(self.engine, self.tenant) as session:
            token = await sessions.open_session(
                session,
                tenant_id=self.tenant,
                user_id=user,
                kind=kind,
                label="checker",
                now=datetime.now(UTC),
                lifetime=timedelta(days=1),
            )
            await session.commit()
        return token

    async def beside(self, prefix: str) -> World:
        """Another tenant in the same database, with one home."""
        made = World(uuid.uuid4(), self.ledger, self.engine, self.publisher, prefix)
        await made.build(1, 0)
        return made

    async def application(self, name: str, base: Sequence[tuple[str, Place]]) -> Known:
        """A partner's application with these scopes."""
        async with writing(self.engine, self.tenant) as session:
            actor = system_actor(self.tenant)
            plenty = {"name": name, "bucket": 1_000_000, "restore_rate": 100_000}
            made, shown = await partners.create(session, actor, fields=plenty)
            user = await partners.user_of(session, made)
            for grant, place in base:
                await access.grant(session, actor, user, name=grant, at=place)
            session.info.clear()
            await session.commit()
        return Known(made.id, made.client_id, shown.secret)

    async def contract(self, home: Home, key: str) -> Secret:
        """One more contract in force for the home's site."""
        async with writing(self.engine, self.tenant) as session:
            actor = system_actor(self.tenant)
            site = await session.get_one(models.Site, (self.tenant, home.site))
            organization = await session.get_one(models.Organization, (self.tenant, home.organization))
            fields = {"title": self.ledger.text(key), "start_on": date(2026, 1, 1)}
            row = await contracts.create(session, actor, organization, site, fields=fields)
            await contracts.activate(session, actor, row, on=datetime.now(UTC))
            await session.commit()
        return Secret(key, models.Contract, row.id, "title", searchable=True)

    async def service(self, home: Home, key: str) -> tuple[Secret, uuid.UUID]:
        """A service assigned to the home's organization, and the assignment."""
        async with writing(self.engine, self.tenant) as session:
            actor = system_actor(self.tenant)
            organization = await session.get_one(models.Organization, (self.tenant, home.organization))
            fields = {"name": key, "description": self.ledger.text(key)}
            row = await services.create(session, actor, fields=fields)
            assigned = await services.assign(session, actor, organization, row)
            await session.commit()
        return Secret(key, models.Service, row.id, "description", searchable=True), assigned.id

    async def rewrite(self, secret: Secret) -> None:
        """Write the protected text anew from another process than the serving ones, as the worker does."""
        module, column = _WRITING[secret.type], _COLUMNS.get(secret.field, secret.field)
        async with writing(self.engine, self.tenant) as session:
            row = await session.get_one(secret.model, (self.tenant, secret.id), with_for_update=True)
            fields = {column: self.ledger.text(secret.key)}
            when = {"on": datetime.now(UTC)} if module is organizations else {}
            await module.update(session, system_actor(self.tenant), row, fields=fields, **when)
            await self.publisher.commit(session)

    async def user(self, home: Home, name: str, base: Sequence[tuple[str, Place]], *, staff: bool) -> uuid.UUID:
        """Somebody with these grants."""
        async with writing(self.engine, self.tenant) as session:
            actor = system_actor(self.tenant)
            if staff:
                fields = {"name": name, "email": f"{name}@staff.example"}
                row = await users.create_staff(session, actor, job_title=None, fields=fields)
            else:
                organization = await session.get_one(models.Organization, (self.tenant, home.organization))
                fields = {"name": name, "email": f"{name}@client.example"}
                contact = await contacts.create(session, actor, organization, None, fields=fields)
                row = await users.create_portal(session, actor, organization, contact)
            await users.set_password(session, actor, row, uuid.uuid4().hex)
            for grant, place in base:
                await access.grant(session, actor, row, name=grant, at=place)
            session.info.clear()
            await session.commit()
        return row.id

    async def report(self, home: Home, key: str, kind: ReportKind) -> Secret:
        """One more published report at the home's site."""
        async with writing(self.engine, self.tenant) as session:
            actor = system_actor(self.tenant)
            site = await session.get_one(models.Site, (self.tenant, home.site))
            row = await _report(session, actor, site, self.ledger.text(key), kind)
            await session.commit()
        return Secret(key, models.Report, row.id, "title", searchable=True)

    async def shared_job(self, home: Home, other: Home, key: str) -> tuple[Secret, str]:
        """A job at another organization's site that this one takes part in; the secret and the party's id."""
        async with writing(self.engine, self.tenant) as session:
            actor = system_actor(self.tenant)
            site = await session.get_one(models.Site, (self.tenant, other.site))
            host = await session.get_one(models.Organization, (self.tenant, other.organization))
            guest = await session.get_one(models.Organization, (self.tenant, home.organization))
            fields = {"title": self.ledger.text(key), "scheduled_at": datetime.now(UTC)}
            job = await jobs.create(session, actor, host, site, None, fields=fields, on=datetime.now(UTC))
            await jobs.add_party(session, actor, job, guest, contact_id=None, role=PartyRole.STAKEHOLDER)
            session.info.clear()
            await session.commit()
        return Secret(key, models.Job, job.id, "title", searchable=True), encode(models.Organization, home.organization)

    async def build(self, homes: int, admins: int) -> None:
        """Fill an empty database."""
        async with writing(self.engine, self.tenant) as session:
            session.add(models.Tenant(id=self.tenant, slug=f"acme-{self.tenant.hex[:6]}", name="Acme"))
            await session.commit()
        for number in range(homes):
            self.homes.append(await self._home(number))
        for number in range(admins):
            base = [("administrator", Place(self.tenant))]
            user = await self.user(self.homes[0], f"admin{number}", base, staff=True)
            self.admins.append(await self.token(user))

    async def _home(self, number: int) -> Home:
        text = self.ledger.text
        key = lambda name: f"{self.prefix}{name}{number}"  # noqa: E731
        async with writing(self.engine, self.tenant) as session:
            actor, now = system_actor(self.tenant), datetime.now(UTC)
            organization = await organizations.create(session, actor, owner_id=None, fields={
                "legal_name": f"Northwind {number}", "short_name": f"North {number}", "location": Location.LOCAL,
                "description": text(key("org")),
            })  # fmt: skip
            await organizations.activate(session, actor, organization, on=now)
            site = await sites.create(session, actor, organization, fields={
                "name": f"Site {number}", "time_zone": "Europe/Berlin", "service_details": text(key("site")),
            })  # fmt: skip
            contract = await contracts.create(session, actor, organization, site, fields={
                "title": text(key("contract")), "start_on": date(2026, 1, 1), "base_rate": 30,
                "commercial_terms": text(key("terms")),
            })  # fmt: skip
            await contracts.activate(session, actor, contract, on=now)
            job = await jobs.create(session, actor, organization, site, contract, fields={
                "title": text(key("job")), "scheduled_at": now, "internal_notes": text(key("notes")),
            }, on=now)  # fmt: skip
            incident = await _report(session, actor, site, text(key("incident")), ReportKind.INCIDENT)
            activity = await _report(session, actor, site, text(key("activity")), ReportKind.ACTIVITY)
            contact = await contacts.create(session, actor, organization, site, fields={
                "name": f"Pat {number}", "phone": "+442079460018", "job_title": text(key("contact")),
            })  # fmt: skip
            session.info.clear()
            await session.commit()
        found = (
            Secret(key("org"), models.Organization, organization.id, "description"),
            Secret(key("site"), models.Site, site.id, "serviceDetails"),
            Secret(key("contract"), models.Contract, contract.id, "title", searchable=True),
            Secret(key("terms"), models.Contract, contract.id, "commercialTerms"),
            Secret(key("job"), models.Job, job.id, "title", searchable=True),
            Secret(key("notes"), models.Job, job.id, "internalNotes"),
            Secret(key("incident"), models.Report, incident.id, "title", searchable=True),
            Secret(key("activity"), models.Report, activity.id, "title", searchable=True),
            Secret(key("contact"), models.Contact, contact.id, "jobTitle", searchable=True),
        )
        secrets = {one.key.removeprefix(self.prefix).removesuffix(str(number)): one for one in found}
        return Home(organization.id, site.id, secrets)


_WRITING: Mapping[str, Any] = {
    "Organization": organizations, "Site": sites, "Contract": contracts,
    "Job": jobs, "Report": reports, "Contact": contacts, "Service": services,
}  # fmt: skip
_COLUMNS = {
    "serviceDetails": "service_details",
    "commercialTerms": "commercial_terms",
    "internalNotes": "internal_notes",
    "jobTitle": "job_title",
}


async def _report(session: AsyncSession, actor: Any, site: Any, title: str, kind: ReportKind) -> models.Report:
    row = await reports.create(session, actor, site, None, fields={
        "kind": kind, "title": title, "period_start": date(2026, 1, 1), "period_end": date(2026, 1, 31),
    })  # fmt: skip
    await reports.publish(session, actor, row, on=datetime.now(UTC))
    return row


@asynccontextmanager
async def world(database_url: str, *, homes: int, admins: int = 4) -> AsyncIterator[World]:
    """A company in an empty database."""
    engine = application_engine(database_url, pool_size=6, overflow=10)
    wire = Wire(database_url)
    publisher = Publisher(Fence(engine, wire))
    made = World(uuid.uuid4(), Ledger(), engine, publisher)
    await wire.start()
    try:
        await made.build(homes, admins)
        yield made
    finally:
        await wire.stop()
        await engine.dispose()
