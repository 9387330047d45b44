"""Makes up a company's records: the same ones each time, dated around a given moment."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from typing import Any
from zoneinfo import ZoneInfo

from server.demo import words
from server.demo.places import DE, ES, FR, GB, PH, US, City, Country

Record = dict[str, Any]
_COUNTRIES = (GB, DE, US, PH, ES, FR)
GOING_ON = 100
"""One job in so many is going on when the company is made."""
_KINDS = ("ACTIVITY", "INCIDENT", "INSPECTION", "PERFORMANCE")


@dataclass
class Records:
    """Everything of a company, by kind of record, as the columns of the import files."""

    organizations: list[Record] = field(default_factory=list[Record])
    sites: list[Record] = field(default_factory=list[Record])
    contacts: list[Record] = field(default_factory=list[Record])
    contracts: list[Record] = field(default_factory=list[Record])
    jobs: list[Record] = field(default_factory=list[Record])
    reports: list[Record] = field(default_factory=list[Record])


@dataclass(frozen=True)
class Size:
    """How much of a company there is. ``only`` limits it to the first clients of one country."""

    sites: int
    jobs: int
    reports: int
    only: tuple[str, int] | None = None


ALDGATE = Size(sites=280, jobs=6000, reports=1500)
BRIGHTWATER = Size(sites=10, jobs=120, reports=30, only=("US", 4))


class Company:
    """One company's records in the making."""

    def __init__(self, seed: str, size: Size, now: datetime) -> None:
        self._random = random.Random(seed)  # noqa: S311  (the same company each time)
        self._size = size
        self._now = now
        self._today = now.date()
        self._home: dict[str, tuple[Country, City]] = {}
        self.records = Records()

    def make(self) -> Records:
        """All records, each kind after those it refers to."""
        clients = list(self._clients())
        for number, (country, name, industry) in enumerate(clients, 1):
            self._organization(number, country, name, industry)
        open_ones = [one for one in self.records.organizations if one["status"] != "PROSPECT"]
        for number, organization in enumerate(islice(cycle(self._by_weight(open_ones)), self._size.sites), 1):
            self._site(number, organization)
        for organization in self.records.organizations:
            self._contacts(organization)
            self._contracts(organization)
        self._jobs()
        self._reports()
        return self.records

    def _clients(self) -> Iterator[tuple[Country, str, str]]:
        for country in _COUNTRIES:
            companies = words.COMPANIES[country.code]
            if self._size.only is None:
                yield from ((country, name, industry) for name, industry in companies)
            elif self._size.only[0] == country.code:
                yield from ((country, name, industry) for name, industry in companies[: self._size.only[1]])

    def _organization(self, number: int, country: Country, name: str, industry: str) -> None:
        status = {7: "PROSPECT", 23: "PROSPECT", 45: "PROSPECT", 12: "PAUSED", 38: "PAUSED"}.get(number, "ACTIVE")
        key = f"ORG-{number:03}"
        self._home[key] = country, self._one(country.cities)
        days = self._one((14, 30, 30, 45, 60))
        self.records.organizations.append({
            "external_id": key, "legal_name": f"{name} {country.suffix}", "short_name": name, "status": status,
            "kind": "COMPANY", "location": "LOCAL" if country is GB else "FOREIGN", "industry": industry,
            "company_type": country.suffix, "website": f"https://www.{_slug(name)}.example",
            "new_business_year": self._random.randint(2015, self._today.year - 1),
            "registration_number": self._digits("########"), "tax_number": self._digits(country.tax),
            "vat_number": self._digits(country.vat), "payment_terms": "NET", "payment_days": days,
            "billing_currency": country.currency, "billing_email": f"accounts@{_slug(name)}.example",
            "remittance_details": f"Quote {key} and the invoice number.",
            "internal_notes": self._one(words.NOTES),
            "description": f"{industry} client in {self._home[key][1].name}, served since the first contract.",
        })  # fmt: skip

    def _by_weight(self, organizations: Sequence[Record]) -> list[Record]:
        """The first clients of each country are the large ones and come up more often."""
        return [one for place, one in enumerate(organizations) for _ in range(4 if place % 12 == 0 else 1)]

    def _site(self, number: int, organization: Record) -> None:
        country, home = self._home[organization["external_id"]]
        city = home if number % 3 else self._one(country.cities)
        names = words.SITE_KINDS.get(organization["industry"], words.OTHER_SITES)
        taken = {one["name"] for one in self.records.sites if one["organization"] == organization["external_id"]}
        candidates = [f"{city.name} {kind}" for kind in (*names, *words.OTHER_SITES)]
        name = next((one for one in candidates if one not in taken), f"{city.name} Unit {number}")
        key = f"SITE-{number:04}"
        self.records.sites.append({
            "external_id": key, "organization": organization["external_id"], "name": name,
            "status": {31: "LIMITED", 95: "LIMITED", 140: "CLOSED", 222: "CLOSED"}.get(number, "ACTIVE"),
            "time_zone": city.time_zone,
            "address_street": self._one(country.streets).format(n=self._random.randint(1, 180)),
            "address_city": city.name, "address_region": city.region,
            "address_postal_code": self._digits(city.postal), "address_country": country.code,
            "latitude": f"{city.latitude + self._random.uniform(-0.05, 0.05):.5f}",
            "longitude": f"{city.longitude + self._random.uniform(-0.05, 0.05):.5f}",
            "service_details": "Keys in safe 2. Alarm is set at 22:00 local time; the gate code changes monthly.",
            "internal_notes": self._one(words.NOTES) if number % 4 == 0 else None,
        })  # fmt: skip

    def _contacts(self, organization: Record) -> None:
        sites = self._sites_of(organization)
        for place in (None, None, None, *sites[:8]):
            self._contact(organization, place)

    def _contact(self, organization: Record, site: Record | None) -> None:
        country, city = self._home[organization["external_id"]]
        first, last = self._one(country.first), self._one(country.last)
        number = len(self.records.contacts) + 1
        self.records.contacts.append({
            "external_id": f"CON-{number:04}", "organization": organization["external_id"],
            "site": site["external_id"] if site else None, "name": f"{first} {last}",
            "job_title": "Site Supervisor" if site else self._one(words.ROLES),
            "email": f"{_slug(first)}.{_slug(last)}.{number}@{_slug(organization['short_name'])}.example",
            "phone": self._digits(city.phone), "private_phone": self._digits(country.mobile),
            "preferred_channel": "PHONE" if site and city.phone else "EMAIL", "language": country.language,
            "designations": "EMERGENCY" if site else self._one(("SECONDARY", "BILLING", "TECHNICAL;SECONDARY")),
            "internal_notes": "Speaks for the works council, too." if number % 9 == 0 else None,
        })  # fmt: skip

    def _contracts(self, organization: Record) -> None:
        sites = self._sites_of(organization)
        if not sites:
            self._contract(organization, None, "DRAFT", "Framework agreement, proposal")
            return
        self._contract(organization, None, "ACTIVE", "Guarding and facilities framework")
        for place, site in enumerate(sites[:3]):
            status = ("ACTIVE", "EXPIRING", "TERMINATED")[place % 3 if len(sites) > 4 else 0]
            status = "TERMINATED" if site["status"] == "CLOSED" else status
            self._contract(organization, site, status, f"Night service {site['name']}")

    def _contract(self, organization: Record, site: Record | None, status: str, title: str) -> None:
        country, _ = self._home[organization["external_id"]]
        number = len(self.records.contracts) + 1
        start = self._today - timedelta(days=self._random.randint(400, 1200))
        left = {"EXPIRING": 40, "TERMINATED": -60}.get(status)
        self.records.contracts.append({
            "external_id": f"CTR-{number:04}", "reference": f"AFG-{start.year}-{number:04}", "title": title,
            "organization": organization["external_id"], "site": site["external_id"] if site else None,
            "status": status, "start_on": start, "end_on": self._today + timedelta(days=left) if left else None,
            "cadence": self._one(("MONTHLY", "MONTHLY", "WEEKLY", "QUARTERLY")),
            "overtime_policy": self._one(("NONE", "DAILY", "WEEKLY")), "currency": country.currency,
            "base_rate": f"{self._random.uniform(*country.hourly):.2f}", "weekend_multiplier": "1.25",
            "holiday_multiplier": self._one(("1.5", "2")), "commercial_terms": self._one(words.TERMS),
            "internal_notes": self._one(words.NOTES) if number % 3 == 0 else None,
        })  # fmt: skip

    def _jobs(self) -> None:
        status = {one["external_id"]: one["status"] for one in self.records.organizations}
        for number in range(1, self._size.jobs + 1):
            site = self._one(self.records.sites)
            day = self._today + timedelta(days=self._random.randint(-365, 28))
            alive = status[site["organization"]] == "ACTIVE" and site["status"] != "CLOSED"
            if day >= self._today and not alive:
                day = self._today - timedelta(days=self._random.randint(1, 365))
            self._job(number, site, None if alive and number % GOING_ON == 0 else day)

    def _job(self, number: int, site: Record, day: date | None) -> None:
        """One job; without a day it is going on."""
        country, _ = self._home[site["organization"]]
        work = self._one(words.WORK)
        minutes = self._random.randrange(work.minutes[0], work.minutes[1], 15)
        priority = {"L": "LOW", "N": "NORMAL", "H": "HIGH", "C": "CRITICAL"}[self._one(work.priorities)]
        cost = minutes / 60 * self._random.uniform(*country.hourly)
        start = self._start(site, day, minutes)
        at = start.replace(tzinfo=ZoneInfo(site["time_zone"]))
        self.records.jobs.append({
            "external_id": f"JOB-{number:05}", "reference": f"WO-{240000 + number}", "site": site["external_id"],
            "contract": self._contract_for(site), "title": f"{work.title}, {site['name']}",
            "description": work.description, "priority": priority,
            "status": self._status(at, at + timedelta(minutes=minutes)), "scheduled_at": start,
            "duration_minutes": minutes, "currency": country.currency, "cost": f"{cost:.2f}",
            "internal_notes": self._one(words.NOTES) if number % 25 == 0 else None,
        })  # fmt: skip

    def _start(self, site: Record, day: date | None, minutes: int) -> datetime:
        """Local time at the site: the importer knows its time zone."""
        hour = time(self._random.randrange(5, 23), self._one((0, 15, 30, 45)))
        if day is not None:
            return datetime.combine(day, hour)
        now = self._now.astimezone(ZoneInfo(site["time_zone"])).replace(tzinfo=None, second=0, microsecond=0)
        return now - timedelta(minutes=minutes // 3 // 15 * 15 + now.minute % 15)

    def _status(self, start: datetime, end: datetime) -> str:
        # One throw whatever the hour, so that what follows is the same at any.
        chance = self._random.random()
        if start > self._now + timedelta(days=14):
            return ("REQUESTED", "SCHEDULED")[int(chance * 2)]
        if start > self._now:
            return ("SCHEDULED", "SCHEDULED", "SCHEDULED", "ON_HOLD", "REQUESTED")[int(chance * 5)]
        if end > self._now:
            return "IN_PROGRESS"
        return "CANCELLED" if chance < 0.05 else "COMPLETED"

    def _contract_for(self, site: Record) -> str | None:
        """The site's own contract in force, or its organization's."""
        for contract in self.records.contracts:
            fits = contract["organization"] == site["organization"] and contract["site"] in (None, site["external_id"])
            if fits and contract["status"] in ("ACTIVE", "EXPIRING"):
                return str(contract["external_id"])
        return None

    def _reports(self) -> None:
        # Long enough ago to be over at any hour, anywhere.
        written = self._today - timedelta(days=3)
        done = [
            one for one in self.records.jobs if one["status"] == "COMPLETED" and one["scheduled_at"].date() <= written
        ]
        sites = {one["external_id"]: one for one in self.records.sites}
        for number, job in enumerate(self._random.sample(done, min(self._size.reports, len(done))), 1):
            self._report(number, sites[job["site"]], job)

    def _report(self, number: int, site: Record, job: Record) -> None:
        kind = _KINDS[number % 4]
        end: date = job["scheduled_at"].date()
        start = end if kind in ("INCIDENT", "INSPECTION") else end - timedelta(days=27)
        told = {"site": site["name"], "start": f"{start:%d %B %Y}", "end": f"{end:%d %B %Y}"}
        opening = self._one(words.OPENINGS[kind]).format(**told)
        paragraphs = (*self._random.sample(words.MIDDLES[kind], 2), self._one(words.ENDINGS))
        published = datetime.combine(end + timedelta(days=2), time(9)) if number % 15 else None
        self.records.reports.append({
            "external_id": f"REP-{number:05}", "site": site["external_id"], "kind": kind,
            "job": job["external_id"] if kind == "INCIDENT" else None,
            "title": f"{kind.title()} report, {site['name']}", "summary": opening,
            "body": "\n\n".join(paragraphs), "period_start": start, "period_end": end,
            "status": "PUBLISHED" if published else "DRAFT", "published_at": published,
            "internal_notes": "Reviewed by the operations lead." if number % 6 == 0 else None,
        })  # fmt: skip

    def _sites_of(self, organization: Record) -> list[Record]:
        return [one for one in self.records.sites if one["organization"] == organization["external_id"]]

    def _one(self, choices: Sequence[Any]) -> Any:
        return self._random.choice(choices)

    def _digits(self, form: str | None) -> str | None:
        """``form`` with digits for # and letters for @."""
        made = {"#": lambda: str(self._random.randint(0, 9)), "@": lambda: self._random.choice("ABDEFGHJLNPQRSTUWXYZ")}
        return "".join(made[sign]() if sign in made else sign for sign in form) if form else None


def _slug(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    return "".join(sign for sign in folded.lower() if sign.isascii() and sign.isalnum())
