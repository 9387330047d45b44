"""Two companies of random rows, past every rule of the domain: nulls, ties, unicode, extreme numbers and times."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import models
from auth.grants import Credential

WORDS = (
    "Äpfel & Söhne", "株式会社東京", "O'Brien \"Quote\" \\ back", "tab\tand\nline", "bell\x07 and \x1f unit \x7f",
    "🏗️ Ω≈ç", "שלום", "caf\u00e9", "cafe\u0301", "mark-not-a-mark", "100%_/sure", "null", "NULL", "</script>\u2028",
    "Zulu", "alpha", "Alpha", "ß", "x" * 120, " lead", "trail ", "$1", "{}", "''", "--", "İstanbul",
)  # fmt: skip
INSTANTS = (
    datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 29, 0, 59, 59, 500000, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, 0, 1, tzinfo=UTC),
    datetime(999, 6, 1, 12, tzinfo=UTC), datetime(2026, 7, 2, 16, 30, tzinfo=UTC),
)  # fmt: skip
DATES = (
    date(1, 1, 1), date(9999, 12, 31), date(1969, 12, 31), date(2024, 2, 29), date(2026, 1, 1), date(2026, 7, 2),
    date(999, 12, 31),
)  # fmt: skip
RATES = tuple(map(Decimal, ("0", "0.0001", "30", "30.5", "9999999999.9999", "1000.1000")))
COSTS = tuple(map(Decimal, ("0", "0.01", "999999999999.99", "3", "12.5")))
FACTORS = tuple(map(Decimal, ("0.001", "999.999", "1.5", "2", "-1.25")))
DEGREES = tuple(map(Decimal, ("-90", "89.999999", "0.000001", "52.52", "179.123456")))


@dataclass
class Viewer:
    """Somebody who asks."""

    name: str
    user_id: uuid.UUID
    credential: Credential
    scopes: tuple[str, ...] | None = None
    """The only names of grants that count in their session; None: all."""


@dataclass
class Company:
    """One tenant's rows by model, and its viewers."""

    random: random.Random
    tenant_id: uuid.UUID
    rows: dict[type[models.Base], list[dict[str, Any]]] = field(default_factory=dict)
    viewers: list[Viewer] = field(default_factory=list)
    count: int = 0

    def add(self, model: type[models.Base], **values: Any) -> dict[str, Any]:
        """A row with random times; every one of them may come twice."""
        row = {
            "tenant_id": self.tenant_id,
            "id": self.key(),
            "version": self.random.choice((1, 1, 2, 2**31 - 1)),
            "created_at": self.instant(),
            "updated_at": self.instant(),
            "archived_at": self.maybe(self.instant(), 0.15),
            **values,
        }
        self.rows.setdefault(model, []).append(row)
        return row

    def key(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def word(self) -> str:
        return self.random.choice(WORDS)

    def maybe(self, value: Any, chance: float = 0.6) -> Any:
        return value if self.random.random() < chance else None

    def instant(self) -> datetime:
        if self.random.random() < 0.4:
            return self.random.choice(INSTANTS)
        days = timedelta(days=self.random.randrange(400), microseconds=self.random.randrange(86_400_000_000))
        return datetime(2025, 12, 1, tzinfo=UTC) + days

    def date(self) -> date:
        return self.random.choice((*DATES, date(2026, 1, 1) + timedelta(days=self.random.randrange(300))))

    def member(self, kind: Any) -> Any:
        return self.random.choice(list(kind))

    def number(self) -> int:
        self.count += 1
        return self.count

    def outside(self) -> dict[str, Any]:
        """What several tables have."""
        return {
            "internal_notes": self.maybe(self.word()),
            "external_id": self.maybe(f"{self.word()} {self.number()}"),
        }


def organization(c: Company) -> dict[str, Any]:
    name = f"{c.word()} {c.number()}"
    return c.add(
        models.Organization,
        archived_at=c.maybe(c.instant(), 0.1),
        legal_name=f"{name} Ltd",
        short_name=name,
        status=c.member(models.OrganizationStatus),
        kind=c.member(models.OrganizationKind),
        location=c.member(models.Location),
        **{name: c.maybe(c.word()) for name in ("industry", "company_type", "description", "website")},
        **{name: c.maybe(c.word()) for name in ("registration_number", "tax_number", "vat_number")},
        new_business_year=c.maybe(c.random.choice((2015, 9999, 2020))),
        payment_terms=c.maybe(c.member(models.PaymentTerms)),
        payment_days=c.maybe(c.random.choice((0, -(2**31), 2**31 - 1, 30))),
        billing_currency=c.random.choice(("USD", "EUR")),
        billing_email=c.maybe(c.word()),
        remittance_details=c.maybe(c.word()),
        owner_id=None,
        **c.outside(),
    )


def site(c: Company, organization: dict[str, Any]) -> dict[str, Any]:
    return c.add(
        models.Site,
        organization_id=organization["id"],
        name=c.word(),
        status=c.member(models.SiteStatus),
        time_zone=c.random.choice(("Europe/Berlin", "UTC", "Pacific/Chatham")),
        **{f"address_{name}": c.maybe(c.word()) for name in ("street", "city", "region", "postal_code")},
        address_country=c.maybe(c.random.choice(("DE", "FR", "JP"))),
        latitude=c.maybe(c.random.choice(DEGREES)),
        longitude=c.maybe(c.random.choice(DEGREES)),
        service_details=c.maybe(c.word()),
        **c.outside(),
    )


def contact(c: Company, organization: dict[str, Any], site: dict[str, Any] | None) -> dict[str, Any]:
    designations = c.random.sample(list(models.ContactDesignation), c.random.randrange(4))
    return c.add(
        models.Contact,
        organization_id=organization["id"],
        site_id=site and site["id"],
        name=c.word(),
        **{name: c.maybe(c.word()) for name in ("job_title", "email", "phone", "private_phone")},
        preferred_channel=c.member(models.ContactChannel),
        language=c.member(models.Language),
        is_primary=not any(one["is_primary"] and one["organization_id"] == organization["id"]
                           for one in c.rows.get(models.Contact, ())),
        designations=designations,
        **c.outside(),
    )  # fmt: skip


def contract(c: Company, organization: dict[str, Any], site: dict[str, Any] | None) -> dict[str, Any]:
    start = c.date()
    return c.add(
        models.Contract,
        organization_id=organization["id"],
        site_id=site and site["id"],
        reference=f"{c.word()}-{c.number()}",
        title=c.word(),
        status=c.member(models.ContractStatus),
        start_on=start,
        end_on=c.maybe(c.random.choice((start, date(9999, 12, 31)))),
        cadence=c.member(models.InvoicingCadence),
        overtime_policy=c.member(models.OvertimePolicy),
        currency=c.random.choice(("USD", "EUR")),
        base_rate=c.maybe(c.random.choice(RATES)),
        weekend_multiplier=c.maybe(c.random.choice(FACTORS)),
        holiday_multiplier=c.maybe(c.random.choice(FACTORS)),
        commercial_terms=c.maybe(c.word()),
        **c.outside(),
    )


def job(c: Company, site: dict[str, Any], contract: dict[str, Any] | None) -> dict[str, Any]:
    return c.add(
        models.Job,
        organization_id=site["organization_id"],
        site_id=site["id"],
        contract_id=contract and contract["id"],
        reference=f"{c.word()}-{c.number()}",
        title=c.word(),
        description=c.maybe(c.word()),
        status=c.member(models.JobStatus),
        priority=c.member(models.JobPriority),
        scheduled_at=c.instant(),
        duration_minutes=c.maybe(c.random.choice((1, 2**31 - 1))),
        started_at=c.maybe(c.instant()),
        completed_at=c.maybe(c.instant()),
        currency=c.random.choice(("USD", "EUR")),
        cost=c.maybe(c.random.choice(COSTS)),
        **c.outside(),
    )


def party(c: Company, job: dict[str, Any], organization: dict[str, Any], role: models.PartyRole) -> None:
    contacts = [one["id"] for one in c.rows[models.Contact]]
    c.add(
        models.JobParty,
        job_id=job["id"],
        organization_id=organization["id"],
        contact_id=c.maybe(c.random.choice(contacts)),
        role=role,
    )


def report(c: Company, site: dict[str, Any], job: dict[str, Any] | None) -> None:
    start = c.date()
    c.add(
        models.Report,
        organization_id=site["organization_id"],
        site_id=site["id"],
        job_id=job and job["id"],
        kind=c.member(models.ReportKind),
        status=c.random.choice((*models.ReportStatus, models.ReportStatus.PUBLISHED)),
        title=c.word(),
        summary=c.maybe(c.word()),
        body=c.maybe(c.word()),
        period_start=start,
        period_end=start,
        published_at=c.maybe(c.instant()),
        **c.outside(),
    )


def made(seed: int, organizations: int) -> Company:
    """A company with ``organizations`` clients and no viewers yet."""
    chance = random.Random(seed)
    c = Company(chance, uuid.UUID(int=chance.getrandbits(128), version=4))
    for _ in range(organizations):
        home = organization(c)
        sites = [site(c, home) for _ in range(3)]
        for _ in range(4):
            contact(c, home, c.maybe(c.random.choice(sites)))
        contracts = [contract(c, home, c.maybe(c.random.choice(sites))) for _ in range(4)]
        for place in (*sites, *sites[:2]):
            jobs = [job(c, place, c.maybe(c.random.choice(contracts))) for _ in range(4)]
            for _ in range(3):
                report(c, place, c.maybe(c.random.choice(jobs)))
    for one in c.rows[models.Job]:
        others = c.random.sample(c.rows[models.Organization], 2)
        for other, role in zip(others, c.random.sample(list(models.PartyRole), c.random.randrange(3)), strict=False):
            party(c, one, other, role)
    return c
