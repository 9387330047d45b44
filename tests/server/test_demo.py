"""The demo: loaded once, plausible, and its people see what the guide says they see."""

import os
import re
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
import uvicorn
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.permissions import PORTAL_ROLES, ROLES
from models import Contact, EventRecord, Grant, Job, Organization, Report, Site, Tenant, User, UserKind, UserStatus
from models.database import application_engine, writing
from server import demo, serve, workers
from server.demo.company import ALDGATE, BRIGHTWATER, Company
from server.demo.people import (
    ALDGATE_CLIENTS,
    ALDGATE_STAFF,
    BRIGHTWATER_CLIENTS,
    BRIGHTWATER_STAFF,
    PASSWORD,
    PASSWORD_HASH,
)
from server.office import opened
from server.settings import Settings
from tests.server.test_cli import Run, run

__all__ = ["run"]

NOW = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)


@pytest.fixture
async def engine(fresh_database_url: str) -> AsyncGenerator[AsyncEngine]:
    made = application_engine(fresh_database_url)
    yield made
    await made.dispose()


async def test_the_demo_is_loaded_once_and_then_found(fresh_database_url: str, engine: AsyncEngine) -> None:
    await demo.prepared(fresh_database_url)
    counts = await _counts(fresh_database_url, engine)
    async with opened(fresh_database_url) as office:
        assert await demo.load(office.engine, office.publisher) is False
    assert await _counts(fresh_database_url, engine) == counts
    assert counts["Organization"] == 60
    assert counts["Site"] == 280
    # One more than were imported: a client has asked for it.
    assert counts["Job"] == 6001
    assert counts["Report"] == 1500
    assert counts["EventRecord"] > 8000
    await _check_people(fresh_database_url, engine)
    await _check_watcher(fresh_database_url, engine)


async def _aldgate(url: str) -> Tenant:
    async with opened(url) as office:
        return await office.tenant("aldgate")


async def _counts(url: str, engine: AsyncEngine) -> dict[str, int]:
    async with writing(engine, (await _aldgate(url)).id) as session:
        models = (Organization, Site, Contact, Job, Report, User, Grant, EventRecord)
        return {one.__name__: await session.scalar(select(func.count()).select_from(one)) or 0 for one in models}


async def _check_people(url: str, engine: AsyncEngine) -> None:
    async with writing(engine, (await _aldgate(url)).id) as session:
        users = {one.email: one for one in await session.scalars(select(User))}
    assert set(users) == {one.email for one in (*ALDGATE_STAFF, *ALDGATE_CLIENTS)}
    suspended = {email for email, one in users.items() if one.status is not UserStatus.ACTIVE}
    assert suspended == {"former@northgate.example"}
    assert {one.role for one in ALDGATE_STAFF} == set(ROLES) - PORTAL_ROLES
    assert sum(one.kind is UserKind.PORTAL for one in users.values()) == 12


async def _check_watcher(url: str, engine: AsyncEngine) -> None:
    """There is something to watch: published incident reports at the one site."""
    async with writing(engine, (await _aldgate(url)).id) as session:
        grant = (await session.scalars(select(Grant).where(Grant.name == "incident_reports"))).one()
        seen = select(func.count()).where(
            Report.site_id == grant.site_id, Report.kind == "INCIDENT", Report.status == "PUBLISHED"
        )
        assert (await session.scalar(seen) or 0) >= 1


def test_the_guide_says_in_a_screenful_where_it_is_who_can_sign_in_and_what_to_try(
    capsys: pytest.CaptureFixture[str],
) -> None:
    demo.show(Settings(port=8123))
    shown = capsys.readouterr().out
    for one in (*ALDGATE_STAFF, *ALDGATE_CLIENTS, *BRIGHTWATER_STAFF, *BRIGHTWATER_CLIENTS):
        name, _, place = one.email.partition("@")
        assert one.email in shown or re.search(rf"also @{place}: .*\b{name}\b", shown), one.email
    assert "http://127.0.0.1:8123/mailbox" in shown
    assert "Northgate Retail Group" in shown
    assert PASSWORD in shown
    assert len(shown.splitlines()) <= 30
    assert max(map(len, shown.splitlines())) <= 80
    assert PasswordHasher().verify(PASSWORD_HASH, PASSWORD)


def test_the_guide_is_the_last_that_is_said_but_for_warnings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Settings] = []

    async def loaded(_url: str) -> None:
        """Nothing: what is loaded is another test's."""

    monkeypatch.setattr(demo, "prepared", loaded)
    monkeypatch.setattr(serve, "run", served.append)
    said = run("demo", "--port", "0")
    assert said.returncode == 0, said.stderr
    assert said.stdout.rstrip().endswith("Ctrl-C stops all of it.")
    assert run("demo", "--port", "0", PORTICO_LOG_LEVEL="INFO").returncode == 0
    assert [one.log_level for one in served] == ["WARNING", "INFO"]


def test_a_serving_process_reads_what_the_command_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Settings] = []

    def serving(_config: uvicorn.Config) -> None:
        read.append(Settings())

    monkeypatch.setattr(os, "environ", {**os.environ})
    monkeypatch.setattr(workers, "run", serving)
    serve.run(Settings(database_url="postgresql://db/x", port=8123, log_level="ERROR", graphiql=True))
    assert [(one.port, one.log_level, one.graphiql) for one in read] == [(8123, "ERROR", True)]


def test_the_company_is_the_same_each_time_and_plausible() -> None:
    made = Company("aldgate", ALDGATE, NOW).make()
    assert made == Company("aldgate", ALDGATE, NOW).make()
    assert made != Company("brightwater", BRIGHTWATER, NOW).make()
    countries = Counter(one["address_country"] for one in made.sites)
    assert set(countries) == {"GB", "DE", "US", "PH", "ES", "FR"}
    assert len({one["time_zone"] for one in made.sites}) >= 8
    assert len({one["short_name"] for one in made.organizations}) == 60
    days = [one["scheduled_at"].date() for one in made.jobs]
    assert 350 < (NOW.date() - min(days)).days <= 365
    assert 20 < (max(days) - NOW.date()).days <= 28
    assert min(len(one["body"].split("\n\n")) for one in made.reports) == 3
    assert not any(one["summary"] in one["body"] for one in made.reports)
    assert {one["kind"] for one in made.reports} == {"ACTIVITY", "INCIDENT", "INSPECTION", "PERFORMANCE"}


def test_what_is_done_began_and_what_is_planned_did_not() -> None:
    made = Company("aldgate", ALDGATE, NOW).make()
    zones = {one["external_id"]: ZoneInfo(one["time_zone"]) for one in made.sites}
    statuses: dict[bool, set[str]] = {True: set(), False: set()}
    for job in made.jobs:
        start = job["scheduled_at"].replace(tzinfo=zones[job["site"]])
        statuses[start <= NOW].add(job["status"])
        over = start + timedelta(minutes=job["duration_minutes"]) <= NOW
        assert (job["status"] == "IN_PROGRESS") is (start <= NOW and not over)
    assert statuses[True] == {"IN_PROGRESS", "COMPLETED", "CANCELLED"}
    assert statuses[False] == {"REQUESTED", "SCHEDULED", "ON_HOLD"}
    assert max(one["published_at"] for one in made.reports if one["published_at"]) < NOW.replace(tzinfo=None)


def test_people_are_written_to_in_the_language_of_their_country() -> None:
    made = Company("aldgate", ALDGATE, NOW).make()
    countries = {one["organization"]: one["address_country"] for one in made.sites}
    spoken = {(countries.get(one["organization"]), one["language"]) for one in made.contacts}
    assert {("DE", "DE"), ("ES", "ES"), ("GB", "EN"), ("FR", "EN")} <= spoken
    assert not spoken & {("DE", "EN"), ("ES", "EN"), ("GB", "DE")}


def test_nobody_s_real_number_is_called() -> None:
    """Every number is of a range that regulators keep for fiction, and can be stored."""
    britain, germany = r"44(20794|7700900|1\d{2}496|292018|289649)", "49(30231|4066969|89999|2214710|699000|171392)"
    kept = rf"\+({britain}|{germany}|1\d{{3}}55501|33(19900|26191|35301|46571|53649|63998))"
    made = Company("aldgate", ALDGATE, NOW).make()
    numbers = {one[name] for one in made.contacts for name in ("phone", "private_phone")} - {None}
    assert [one for one in numbers if not re.match(kept, one)] == []
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(one)) for one in numbers)
