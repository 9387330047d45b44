"""Imports: all of a file or nothing, twice the same is once, and every fault told by row and column."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from auth.actor import Actor, Forbidden, Granted
from domain import imports, sites
from models import (
    Contact,
    Contract,
    ContractStatus,
    EventRecord,
    Job,
    JobParty,
    JobStatus,
    Place,
    Report,
    Site,
    UserKind,
)
from tests.domain.conftest import CONTRACTS, JOB, NOW, ORGANIZATIONS, SITES, Desk


async def test_every_kind_comes_in(clients: Desk) -> None:
    contacts = [
        ("external_id", "organization", "site", "name", "email", "designations"),
        ("P1", "O1", "", "Ada", "ada@northgate.example", "technical; billing"),
        ("P2", "O1", "S1", "Ben", "Ben@Northgate.example", ""),
    ]
    jobs = [JOB, ("J1", "S2", "C1", "Patrol", "2026-02-01T08:00", "COMPLETED", "10.50", "90")]
    reports = [
        ("external_id", "site", "job", "kind", "title", "period_start", "period_end", "status"),
        ("R1", "S2", "J1", "incident", "Door", "2026-02-01", "01.02.2026", "PUBLISHED"),
    ]
    assert (await clients.take("contacts.csv", *contacts)).created == 2
    assert (await clients.take("jobs.csv", *jobs)).created == 1
    assert (await clients.take("reports.csv", *reports)).created == 1
    ada, ben = await clients.one(Contact, "P1"), await clients.one(Contact, "P2")
    assert (ada.is_primary, ada.designations, ben.is_primary, ben.email) == (
        True, ["BILLING", "TECHNICAL"], False, "ben@northgate.example",
    )  # fmt: skip
    job, report = await clients.one(Job, "J1"), await clients.one(Report, "R1")
    assert (job.status, job.cost, job.reference[:2]) == (JobStatus.COMPLETED, Decimal("10.50"), "J-")
    # Eight in the morning in Manila, and ninety minutes later.
    assert job.scheduled_at == job.started_at == datetime(2026, 2, 1, 0, 0, tzinfo=UTC)
    assert job.completed_at == datetime(2026, 2, 1, 1, 30, tzinfo=UTC)
    assert (report.job_id, report.published_at, report.period_end) == (job.id, NOW, date(2026, 2, 1))
    async with clients.session() as session:
        party = (await session.scalars(select(JobParty).where(JobParty.job_id == job.id))).one()
    assert (party.organization_id, party.role) == (job.organization_id, "PRIMARY")


async def test_the_second_time_nothing_changes(clients: Desk) -> None:
    events = await clients.events()
    for name, rows in (("organizations", ORGANIZATIONS), ("sites", SITES), ("contracts", CONTRACTS)):
        summary = await clients.take(f"{name}.csv", *rows)
        assert (summary.created, summary.updated, summary.unchanged) == (0, 0, len(rows) - 1)
    assert await clients.events() == events


async def test_what_changed_is_updated_with_its_event(clients: Desk) -> None:
    before = await clients.one(Contract, "C1")
    summary = await clients.take(
        "contracts.csv",
        ("external_id", "organization", "title", "start_on", "base_rate", "end_on"),
        ("C1", "O1", "Framework 2026", "2026-01-01", "22.75", "2027-01-01"),
        ("C2", "O1", "Leeds", "2026-01-01", "", ""),
    )
    after = await clients.one(Contract, "C1")
    assert (summary.updated, summary.unchanged) == (1, 1)
    assert (after.version, after.title, after.reference) == (before.version + 1, "Framework 2026", before.reference)
    assert after.updated_at > before.updated_at
    async with clients.session() as session:
        query = select(EventRecord).where(EventRecord.node_id == after.id).order_by(EventRecord.seq.desc()).limit(1)
        event = (await session.scalars(query)).one()
    assert (event.type, event.version, event.organization_id) == ("ContractUpdated", 2, after.organization_id)
    assert event.data == {
        "title": ["Framework", "Framework 2026"],
        "base_rate": ["21.5000", "22.7500"],
        "end_on": [None, "2027-01-01"],
    }


async def test_the_log_is_as_single_changes_write_it(clients: Desk) -> None:
    """The same change by import and by the domain's own function leaves the same event."""
    await clients.take("sites.csv", SITES[0], ("S1", "O1", "Leeds North", "Europe/London"))
    async with clients.session() as session:
        site = (await session.scalars(select(Site).where(Site.external_id == "S2"))).one()
        await sites.update(session, clients.actor, site, fields={"name": "Manila North"})
        await session.commit()
    async with clients.session() as session:
        query = select(EventRecord).where(EventRecord.type == "SiteUpdated").order_by(EventRecord.seq)
        imported, single = (await session.scalars(query)).all()
    for event, name in ((imported, "Leeds"), (single, "Manila")):
        assert event.data == {"name": [name, f"{name} North"]}
        assert event.site_id == event.node_id
        assert (event.version, event.hides, event.also, event.actor_id) == (2, False, [], None)


async def test_another_kind_of_report_hides_it(clients: Desk) -> None:
    head = ("external_id", "site", "kind", "title", "period_start", "period_end")
    await clients.take("reports.csv", head, ("R1", "S1", "ACTIVITY", "Week", "2026-02-01", "2026-02-07"))
    await clients.take("reports.csv", head, ("R1", "S1", "INCIDENT", "Week", "2026-02-01", "2026-02-07"))
    async with clients.session() as session:
        query = select(EventRecord.type, EventRecord.hides).where(EventRecord.node_type == "Report")
        found = (await session.execute(query.order_by(EventRecord.seq))).all()
    assert found == [("ReportCreated", False), ("ReportReclassified", True)]


async def test_states_are_for_new_rows(clients: Desk) -> None:
    async with clients.session() as session:
        await session.execute(update(Contract).where(Contract.external_id == "C2").values(status="ACTIVE"))
        await session.commit()
    summary = await clients.take("contracts.csv", *CONTRACTS)
    assert (summary.updated, summary.states_kept) == (0, 1)
    assert (await clients.one(Contract, "C2")).status is ContractStatus.ACTIVE


async def test_each_fault_has_its_row_and_column(clients: Desk) -> None:
    jobs = [
        JOB,
        ("J1", "S1", "C1", "Fine", "2026-02-01T08:00Z", "", "", ""),
        ("", "S1", "", "No id", "2026-02-01", "", "", ""),
        ("J3", "S1", "", "", "yesterday", "DONE", "1.005", "0"),
        ("J4", "S9", "C9", "References", "2026-02-01", "", "1,000", "x"),
        ("J5", "S9", "C9", "References", "2026-02-01", "", "", ""),
        ("J1", "S1", "", "Twice", "2026-02-01", "", "", ""),
        ("J6", "S3", "", "Prospect", "2026-02-01", "", "", ""),
        ("J7", "S1", "C2", "Draft", "2026-02-01", "", "", ""),
        ("J8", "S3", "C1", "Elsewhere", "2026-02-01", "COMPLETED", "", ""),
        ("J9", "S1", "", "Bell\x07", "2026-02-01", "", "NaN", "", "surplus"),
    ]
    assert await clients.refused("jobs.csv", *jobs) == [
        (3, "external_id", "REQUIRED"),
        (4, "title", "REQUIRED"),
        (4, "scheduled_at", "INVALID_TIME"),
        (4, "status", "INVALID_CHOICE"),
        (4, "cost", "INVALID_NUMBER"),
        (4, "duration_minutes", "OUT_OF_RANGE"),
        (5, "cost", "INVALID_NUMBER"),
        (5, "duration_minutes", "INVALID_NUMBER"),
        (6, "site", "REFERENCE_NOT_FOUND"),
        (6, "contract", "REFERENCE_NOT_FOUND"),
        (7, "external_id", "DUPLICATE_EXTERNAL_ID"),
        (8, "site", "ORGANIZATION_NOT_ACTIVE"),
        (9, "contract", "CONTRACT_NOT_APPLICABLE"),
        (10, "contract", "CONTRACT_NOT_APPLICABLE"),
        (11, None, "TOO_MANY_CELLS"),
        (11, "title", "INVALID_TEXT"),
        (11, "cost", "INVALID_NUMBER"),
    ]
    assert await clients.count(Job) == 0


async def test_rules_of_one_row_are_the_domain_s(clients: Desk) -> None:
    assert await clients.refused(
        "organizations.csv",
        ("external_id", "legal_name", "short_name", "payment_terms", "payment_days", "website", "new_business_year"),
        ("O3", "Third Ltd", "Third", "NET", "", "ftp://x", "2014"),
        ("O4", "Fourth Ltd", "Fourth", "NET", "", "", ""),
        ("O5", "NORTH GATE LTD", "Fifth", "", "", "", ""),
        ("O6", "Sixth Ltd", "fourth", "", "", "", ""),
    ) == [
        (2, "website", "INVALID_URL"),
        (2, "new_business_year", "OUT_OF_RANGE"),
        (3, "payment_days", "PAYMENT_DAYS_MISMATCH"),
        (4, "legal_name", "NAME_TAKEN"),
        (5, "short_name", "NAME_TAKEN"),
    ]
    assert await clients.refused(
        "contacts.csv",
        ("external_id", "organization", "site", "name", "email", "phone"),
        ("P1", "O1", "", "Ada", "", ""),
        ("P2", "O1", "S3", "Ben", "ben@", "020 7946 0018"),
        ("P3", "O1", "S3", "Cy", "cy@northgate.example", ""),
    ) == [
        (2, "email", "CONTACT_UNREACHABLE"),
        (3, "email", "INVALID_EMAIL"),
        (3, "phone", "INVALID_PHONE"),
        (4, "site", "SITE_ELSEWHERE"),
    ]
    assert await clients.refused(
        "contracts.csv",
        ("external_id", "organization", "title", "start_on", "end_on", "reference"),
        ("C3", "O1", "Ends first", "2026-02-01", "2026-01-01", "X"),
        ("C4", "O1", "Same number", "2026-02-01", "", "X"),
    ) == [(2, "end_on", "CONTRACT_ENDS_BEFORE_START"), (3, "reference", "REFERENCE_TAKEN")]


async def test_what_exists_stays_where_it_is(clients: Desk) -> None:
    await clients.take("jobs.csv", JOB, ("J1", "S1", "", "Done", "2026-02-01", "COMPLETED", "", ""))
    assert await clients.refused("sites.csv", SITES[0], ("S1", "O2", "Leeds", "Europe/London")) == [
        (2, "organization", "REFERENCE_FIXED")
    ]
    assert await clients.refused("jobs.csv", JOB, ("J1", "S1", "", "Changed", "2026-02-01", "", "", "")) == [
        (2, "status", "INVALID_TRANSITION")
    ]


@pytest.mark.parametrize(
    ("head", "code", "column"),
    [
        (("external_id", "legal_name"), "MISSING_COLUMN", "short_name"),
        (("external_id", "legal_name", "short_name", "shoe_size"), "UNKNOWN_COLUMN", "shoe_size"),
        (("external_id", "legal_name", "short_name", "Short Name"), "DUPLICATE_COLUMN", "Short Name"),
    ],
)
async def test_headers_are_exact(desk: Desk, head: tuple[str, ...], code: str, column: str) -> None:
    assert await desk.refused("organizations.csv", head, ["x"] * len(head)) == [(None, column, code)]


async def test_there_is_an_end_to_complaints(desk: Desk) -> None:
    rows = [(f"O{number}", "", "") for number in range(2000)]
    assert len(await desk.refused("organizations.csv", ORGANIZATIONS[0][:3], *rows)) == 1000


async def test_the_header_tells_the_kind_and_speaks_several_languages(desk: Desk) -> None:
    await desk.take("export-2026-03.csv", ("ID", "Name", "shortName", "State"), *ORGANIZATIONS[1:])
    summary = await desk.take("export.csv", ("Id", "Client ID", "Name", "Timezone", "City"), (*SITES[1], "Leeds"))
    assert (summary.kind, summary.created) == ("site", 1)
    assert (await desk.one(Site, "S1")).address_city == "Leeds"
    with pytest.raises(imports.FileUnreadable) as refusal:
        await desk.take("export.csv", ("a", "b"), ("1", "2"))
    assert refusal.value.code == "KIND_UNCLEAR"


async def test_two_at_once_import_a_file_once(clients: Desk) -> None:
    rows = [(f"J{number}", "S1", "C1", "Patrol", "2026-02-01", "", "", "") for number in range(500)]
    path = clients.file("jobs.csv", [JOB, *rows])
    summaries = await asyncio.gather(clients.import_file(path), clients.import_file(path))
    assert sorted((one.created, one.unchanged) for one in summaries) == [(0, 500), (500, 0)]
    assert await clients.count(Job) == 500


async def test_readers_go_on_while_an_import_writes(clients: Desk) -> None:
    path = clients.file("jobs.csv", [JOB, ("J1", "S1", "C1", "Patrol", "2026-02-01", "", "", "")])
    with await imports.read(path, clients.actor) as staged:
        async with clients.session() as session:
            await imports.write(session, clients.actor, staged, on=NOW)
            async with asyncio.timeout(2):
                assert await clients.count(Job) == 0
            await session.commit()
    assert await clients.count(Job) == 1


async def test_an_import_can_do_no_more_than_its_actor(clients: Desk) -> None:
    path = clients.file("sites.csv", [(*SITES[0], "internal_notes"), ("S9", "O1", "New", "UTC", "secret")])
    with pytest.raises(Forbidden):
        await clients.import_file(path, _actor(clients, "sites.edit"))
    with pytest.raises(Forbidden):
        await clients.import_file(path, _actor(clients, "records.import"))
    with pytest.raises(imports.ImportRefused) as refusal:
        await clients.import_file(path, _actor(clients, "records.import", "sites.edit"))
    assert [(one.column, one.code) for one in refusal.value.problems] == [("internal_notes", "FIELD_FORBIDDEN")]
    actor = _actor(clients, "records.import", "sites.edit", "notes.internal")
    assert (await clients.import_file(path, actor)).created == 1
    async with clients.session() as session:
        found = await session.scalar(select(func.count()).where(EventRecord.actor_id == actor.user_id))
    assert found == 1


def _actor(desk: Desk, *names: str) -> Actor:
    place = Place(desk.tenant)
    granted = tuple(Granted(name, place) for name in names)
    return Actor(desk.tenant, desk.tenant, UserKind.STAFF, "Ada", "ada@t.example", 1, granted)


def test_files_are_taken_in_the_order_of_their_references(tmp_path: Path) -> None:
    names = ["reports.csv", "jobs.csv", "contracts.xlsx", "contacts.csv", "sites.csv", "client_organizations.csv"]
    paths = [tmp_path / name for name in names]
    assert imports.in_order(paths) == paths[::-1]
