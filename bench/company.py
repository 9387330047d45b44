"""Users, sessions and grants in bulk: what live benchmarks need, written straight into the tables."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

import models
from auth.permissions import kind_of
from models import Place, new_id
from models.database import application_engine, writing

ORGANIZATIONS, SITES, JOBS, REPORTS = 20, 5, 4, 6
AUDIENCE = 100


@dataclass
class Person:
    """A user with a bearer token."""

    id: uuid.UUID
    token: str
    place: Place
    grant: uuid.UUID


@dataclass
class Company:
    """A tenant with clients, an administrator, and portal users at places of every width."""

    tenant: uuid.UUID = field(default_factory=new_id)
    organizations: list[uuid.UUID] = field(default_factory=list)
    sites: list[Place] = field(default_factory=list)
    jobs: list[tuple[uuid.UUID, Place]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    audience: list[Person] = field(default_factory=list)
    """Further users, all of the first organization."""
    administrator: Person | None = None


def found(url: str, people: int, audience: int = AUDIENCE) -> Company:
    """Write a company with so many portal users; half of them hold an organization, half a single site."""
    return asyncio.run(_found(url, people, audience))


async def _found(url: str, people: int, audience: int) -> Company:
    engine = application_engine(url)
    company = Company()
    async with writing(engine, company.tenant) as session:
        slug = f"bench-{company.tenant.hex[-8:]}"
        session.add(models.Tenant(id=company.tenant, slug=slug, name="Bench"))
        await session.flush()
        await _clients(session, company)
        places = [Place(company.tenant, one) for one in company.organizations] + company.sites
        chosen = [places[index % len(places)] for index in range(people)]
        company.people = await _people(session, company, chosen, "PORTAL")
        crowd = [Place(company.tenant, company.organizations[0])] * audience
        company.audience = await _people(session, company, crowd, "PORTAL", "crowd")
        company.administrator = (await _people(session, company, [Place(company.tenant)], "STAFF"))[0]
        await session.commit()
    await engine.dispose()
    return company


async def _clients(session: AsyncSession, company: Company) -> None:
    tenant = company.tenant
    company.organizations = [new_id() for _ in range(ORGANIZATIONS)]
    rows = [
        {"tenant_id": tenant, "id": one, "legal_name": f"Client {n}", "short_name": f"C{n:03}", "status": "ACTIVE"}
        for n, one in enumerate(company.organizations)
    ]
    await session.execute(insert(models.Organization), rows)
    company.sites = [Place(tenant, one, new_id()) for one in company.organizations for _ in range(SITES)]
    rows = [
        {
            "tenant_id": tenant,
            "organization_id": one.organization,
            "id": one.site,
            "name": f"Site {n}",
            "time_zone": "UTC",
        }
        for n, one in enumerate(company.sites)
    ]
    await session.execute(insert(models.Site), rows)
    company.jobs = [(new_id(), one) for one in company.sites for _ in range(JOBS)]
    await session.execute(insert(models.Job), [_job(tenant, *one) for one in company.jobs])
    reports = [_report(tenant, n, one) for one in company.sites for n in range(REPORTS)]
    await session.execute(insert(models.Report), reports)


def _job(tenant: uuid.UUID, id: uuid.UUID, at: Place) -> dict[str, Any]:
    return {
        "tenant_id": tenant, "id": id, "organization_id": at.organization, "site_id": at.site,
        "reference": f"J-{id.hex[-10:]}", "title": "Patrol", "scheduled_at": datetime.now(UTC),
    }  # fmt: skip


def _report(tenant: uuid.UUID, number: int, at: Place) -> dict[str, Any]:
    kind = list(models.ReportKind)[number % len(models.ReportKind)]
    return {
        "tenant_id": tenant, "organization_id": at.organization, "site_id": at.site, "kind": kind,
        "status": "PUBLISHED", "title": f"Report {number}", "period_start": date(2026, 1, 1 + number),
        "period_end": date(2026, 1, 1 + number),
    }  # fmt: skip


async def _people(
    session: AsyncSession, company: Company, places: list[Place], kind: str, name: str = "person"
) -> list[Person]:
    staff = kind == "STAFF"
    people = [Person(new_id(), _token(company.tenant), at, new_id()) for at in places]
    users = [
        {"tenant_id": company.tenant, "id": one.id, "kind": kind, "status": "ACTIVE", "name": f"P {n}",
         "email": f"{name}{n}.{kind.lower()}@example.com", "organization_id": one.place.organization}
        for n, one in enumerate(people)
    ]  # fmt: skip
    await session.execute(insert(models.User), users)
    epochs = [{"tenant_id": company.tenant, "id": one.id} for one in people]
    await session.execute(insert(models.PermissionEpoch), epochs)
    names = ("administrator",) if staff else ("portal_viewer", "reports")
    await session.execute(insert(models.Grant), [_grant(one, name, names[-1]) for one in people for name in names])
    await session.execute(insert(models.Session), [_session(one) for one in people])
    return people


def _grant(one: Person, name: str, last: str) -> dict[str, Any]:
    return {
        "tenant_id": one.place.tenant, "id": one.grant if name == last else new_id(), "user_id": one.id,
        "kind": kind_of(name), "name": name, "organization_id": one.place.organization, "site_id": one.place.site,
    }  # fmt: skip


def _session(one: Person) -> dict[str, Any]:
    raw = one.place.tenant.bytes + _raw(one.token)
    return {
        "tenant_id": one.place.tenant, "user_id": one.id, "kind": "TOKEN",
        "secret_hash": hashlib.sha256(raw).digest(), "expires_at": datetime.now(UTC) + timedelta(days=1),
    }  # fmt: skip


def _token(tenant: uuid.UUID) -> str:
    return urlsafe_b64encode(tenant.bytes + secrets.token_bytes(32)).decode().rstrip("=")


def _raw(token: str) -> bytes:
    return urlsafe_b64decode(token + "=" * (-len(token) % 4))[16:]
