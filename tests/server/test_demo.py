"""The demo: loaded once, plausible, and its people see what the guide says they see."""

import re
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import date

import phonenumbers
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.permissions import PORTAL_ROLES, ROLES
from models import Contact, EventRecord, Grant, Job, Organization, Report, Site, Tenant, User, UserKind, UserStatus
from models.database import application_engine, writing
from server import demo
from server.demo.company import ALDGATE, BRIGHTWATER, Company
from server.demo.guide import Guide
from server.demo.people import ALDGATE_CLIENTS, ALDGATE_STAFF, PASSWORD, PASSWORD_HASH
from server.office import opened
from server.settings import Settings


@pytest.fixture
async def engine(fresh_database_url: str) -> AsyncGenerator[AsyncEngine]:
    made = application_engine(fresh_database_url)
    yield made
    await made.dispose()


async def test_the_demo_is_loaded_once_and_then_found(fresh_database_url: str, engine: AsyncEngine) -> None:
    guide = await demo.prepared(fresh_database_url)
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
    await _check_watcher(fresh_database_url, engine, guide)


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


async def _check_watcher(url: str, engine: AsyncEngine, guide: Guide) -> None:
    """There is something to watch: published incident reports at the one site."""
    async with writing(engine, (await _aldgate(url)).id) as session:
        grant = (await session.scalars(select(Grant).where(Grant.name == "incident_reports"))).one()
        seen = select(func.count()).where(
            Report.site_id == grant.site_id, Report.kind == "INCIDENT", Report.status == "PUBLISHED"
        )
        assert (await session.scalar(seen) or 0) >= 1
    assert guide.grant == f"grt_{grant.id.hex}"


def test_the_guide_names_everybody_and_what_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    Guide("usr_1", "grt_1", "sit_1").show(Settings(port=8123))
    shown = capsys.readouterr().out
    assert all(one.email in shown for one in (*ALDGATE_STAFF, *ALDGATE_CLIENTS))
    assert "http://127.0.0.1:8123/graphiql" in shown
    assert 'mutation { revokeAccess(input: { id: "grt_1" })' in shown
    assert "user revoke incidents@northgate.example incident_reports --at sit_1" in shown
    assert PasswordHasher().verify(PASSWORD_HASH, PASSWORD)


def test_the_company_is_the_same_each_time_and_plausible() -> None:
    today = date(2026, 7, 1)
    made = Company("aldgate", ALDGATE, today).make()
    assert made == Company("aldgate", ALDGATE, today).make()
    assert made != Company("brightwater", BRIGHTWATER, today).make()
    countries = Counter(one["address_country"] for one in made.sites)
    assert set(countries) == {"GB", "DE", "US", "PH", "ES", "FR"}
    assert len({one["time_zone"] for one in made.sites}) >= 8
    assert len({one["short_name"] for one in made.organizations}) == 60
    days = [one["scheduled_at"].date() for one in made.jobs]
    assert 350 < (today - min(days)).days <= 365
    assert 20 < (max(days) - today).days <= 28
    assert min(len(one["body"].split("\n\n")) for one in made.reports) == 4
    assert {one["kind"] for one in made.reports} == {"ACTIVITY", "INCIDENT", "INSPECTION", "PERFORMANCE"}


def test_nobody_s_real_number_is_called() -> None:
    """Every number is of a range that regulators keep for fiction, and can be stored."""
    britain, germany = r"44(20794|7700900|1\d{2}496|292018|289649)", "49(30231|4066969|89999|2214710|699000|171392)"
    kept = rf"\+({britain}|{germany}|1\d{{3}}55501|33(19900|26191|35301|46571|53649|63998))"
    made = Company("aldgate", ALDGATE, date(2026, 7, 1)).make()
    numbers = {one[name] for one in made.contacts for name in ("phone", "private_phone")} - {None}
    assert [one for one in numbers if not re.match(kept, one)] == []
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(one)) for one in numbers)
