"""What the worker does by the clock and after a commit: each thing once, whoever and however many do it."""

import asyncio
import hashlib
import os
import sys
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.actor import system_actor
from domain import contracts, organizations, users
from models import Contract, EventRecord, IdempotencyKey, Location, Session, SessionKind, Tenant, UserKind
from models.database import across_tenants, owner_engine, writing
from outbox import tasks
from outbox.log import missed, present
from outbox.queue import enqueue
from outbox.tasks import Keeper
from server.office import opened

ON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY = ON.date()
LONG_AGO = date(2020, 1, 1)


@pytest.fixture
async def keeper(fresh_database_url: str) -> AsyncGenerator[Keeper]:
    owner = owner_engine(fresh_database_url)
    async with opened(fresh_database_url) as office:
        yield Keeper(office.engine, owner, office.publisher)
    await owner.dispose()


@pytest.fixture
async def tenant(keeper: Keeper) -> uuid.UUID:
    return await new_tenant(keeper, "acme")


async def new_tenant(keeper: Keeper, slug: str, time_zone: str = "UTC") -> uuid.UUID:
    id = uuid.uuid4()
    async with writing(keeper.engine, id) as session:
        session.add(Tenant(id=id, slug=slug, name=slug, time_zone=time_zone))
        await session.commit()
    return id


async def new_contract(
    keeper: Keeper, tenant: uuid.UUID, end_on: date | None, *steps: str, title: str = "Guarding"
) -> uuid.UUID:
    """A contract that has gone through ``steps``."""
    actor = system_actor(tenant)
    begun = datetime(2020, 1, 1, tzinfo=UTC)
    async with writing(keeper.engine, tenant) as session:
        name = f"Client {uuid.uuid4()}"
        named = {"legal_name": name, "short_name": name, "location": Location.LOCAL}
        client = await organizations.create(session, actor, fields=named)
        fields = {"title": title, "start_on": LONG_AGO, "end_on": end_on}
        row = await contracts.create(session, actor, client, None, fields=fields)
        for step in steps:
            await getattr(contracts, step)(session, actor, row, on=begun)
        await session.commit()
    return row.id


async def told(keeper: Keeper, tenant: uuid.UUID, id: uuid.UUID) -> tuple[str, date | None, list[str]]:
    """A contract's state, its last day, and what has happened to it."""
    async with writing(keeper.engine, tenant) as session:
        row = await session.get_one(Contract, (tenant, id))
        happened = select(EventRecord.type).where(EventRecord.node_id == id).order_by(EventRecord.seq)
        return row.status, row.end_on, list(await session.scalars(happened))


CREATED, ACTIVATED = "ContractCreated", "ContractActivated"


@pytest.mark.parametrize(
    ("end_on", "steps", "expected"),
    [
        (TODAY + timedelta(60), ["activate"], ("EXPIRING", [CREATED, ACTIVATED, "ContractExpiring"])),
        (TODAY, ["activate"], ("EXPIRING", [CREATED, ACTIVATED, "ContractExpiring"])),
        (TODAY - timedelta(1), ["activate"], ("TERMINATED", [CREATED, ACTIVATED, "ContractTerminated"])),
        (
            TODAY - timedelta(1),
            ["activate", "expire"],
            ("TERMINATED", [CREATED, ACTIVATED, "ContractExpiring", "ContractTerminated"]),
        ),
        (TODAY + timedelta(61), ["activate"], ("ACTIVE", [CREATED, ACTIVATED])),
        (None, ["activate"], ("ACTIVE", [CREATED, ACTIVATED])),
        (TODAY - timedelta(1), [], ("DRAFT", [CREATED])),
    ],
    ids=["near", "last day", "over", "over after near", "far", "open end", "draft"],
)
async def test_a_contract_follows_its_dates(
    keeper: Keeper, tenant: uuid.UUID, end_on: date | None, steps: list[str], expected: tuple[str, list[str]]
) -> None:
    id = await new_contract(keeper, tenant, end_on, *steps)
    await tasks.move_contracts(keeper, on=ON)
    assert await told(keeper, tenant, id) == (expected[0], end_on, expected[1])


async def test_a_second_run_changes_nothing(keeper: Keeper, tenant: uuid.UUID) -> None:
    ids = [await new_contract(keeper, tenant, TODAY + timedelta(days), "activate") for days in (-5, 5)]
    assert await tasks.move_contracts(keeper, on=ON) == 2
    before = [await told(keeper, tenant, id) for id in ids]
    assert await tasks.move_contracts(keeper, on=ON) == 0
    assert [await told(keeper, tenant, id) for id in ids] == before


async def test_two_workers_move_a_contract_once(keeper: Keeper, tenant: uuid.UUID) -> None:
    ids = [await new_contract(keeper, tenant, TODAY, "activate") for _ in range(5)]
    assert sum(await asyncio.gather(*(tasks.move_contracts(keeper, on=ON) for _ in range(3)))) == 5
    for id in ids:
        assert (await told(keeper, tenant, id))[2] == [CREATED, ACTIVATED, "ContractExpiring"]


async def test_the_day_is_the_tenants_own(keeper: Keeper) -> None:
    """At noon in Greenwich the next day has begun in Auckland, and what ended there today is over."""
    east, west = await new_tenant(keeper, "east", "Pacific/Auckland"), await new_tenant(keeper, "west", "UTC")
    there, here = [await new_contract(keeper, one, TODAY, "activate") for one in (east, west)]
    await tasks.move_contracts(keeper, on=ON)
    assert (await told(keeper, east, there))[0] == "TERMINATED"
    assert (await told(keeper, west, here))[0] == "EXPIRING"


async def test_a_tenant_that_fails_does_not_keep_the_others(keeper: Keeper) -> None:
    one, another = await new_tenant(keeper, "one", "Not/A_Zone"), await new_tenant(keeper, "another")
    stuck, moved = [await new_contract(keeper, where, TODAY, "activate") for where in (one, another)]
    with pytest.raises(ExceptionGroup):
        await tasks.move_contracts(keeper, on=ON)
    assert (await told(keeper, one, stuck))[0] == "ACTIVE"
    assert (await told(keeper, another, moved))[0] == "EXPIRING"


async def new_user(session: AsyncSession, tenant: uuid.UUID) -> uuid.UUID:
    actor = system_actor(tenant)
    fields = {"name": "Ada", "email": "ada@example.com"}
    user = await users.create_staff(session, actor, job_title=None, fields=fields)
    assert user.kind is UserKind.STAFF
    return user.id


def new_session(tenant: uuid.UUID, user: uuid.UUID, label: str, **times: datetime) -> Session:
    secret = hashlib.sha256(label.encode()).digest()
    return Session(tenant_id=tenant, user_id=user, kind=SessionKind.BROWSER, secret_hash=secret, label=label, **times)


async def test_old_sessions_and_keys_are_forgotten(keeper: Keeper, tenant: uuid.UUID) -> None:
    later, long_ago, lately = ON + timedelta(1), ON - timedelta(31), ON - timedelta(29)
    async with writing(keeper.engine, tenant) as session:
        user = await new_user(session, tenant)
        session.add_all(
            [
                new_session(tenant, user, "open", expires_at=later),
                new_session(tenant, user, "ended lately", expires_at=later, ended_at=lately),
                new_session(tenant, user, "expired lately", expires_at=lately),
                new_session(tenant, user, "ended long ago", expires_at=later, ended_at=long_ago),
                new_session(tenant, user, "expired long ago", expires_at=long_ago),
            ]
        )
        for key, age in (("old", timedelta(hours=25)), ("new", timedelta(hours=23))):
            row = IdempotencyKey(tenant_id=tenant, user_id=user, key=key, request_hash=b"", created_at=ON - age)
            session.add(row)
        await session.commit()

    assert await tasks.forget_credentials(keeper, on=ON) == 3
    assert await tasks.forget_credentials(keeper, on=ON) == 0
    async with writing(keeper.engine, tenant) as session:
        kept = set(await session.scalars(select(Session.label)))
        assert kept == {"open", "ended lately", "expired lately"}
        assert list(await session.scalars(select(IdempotencyKey.key))) == ["new"]


async def events_left(keeper: Keeper) -> int:
    async with across_tenants(keeper.engine, "app.relay", "on") as connection:
        return (await connection.execute(text("select count(*) from event"))).scalar_one()


async def pruned_below(keeper: Keeper) -> str:
    async with keeper.engine.connect() as connection:
        return (await connection.execute(text("select pruned_below::text from event_log"))).scalar_one()


async def test_events_are_forgotten_and_offsets_before_them_are_void(keeper: Keeper, tenant: uuid.UUID) -> None:
    before = await present(keeper.engine)
    await new_contract(keeper, tenant, None, "activate")
    between = await present(keeper.engine)
    now = datetime.now(UTC)

    assert await tasks.forget_events(keeper, on=now + timedelta(29)) == 0
    assert len(await missed(keeper.engine, tenant, before, between, 100) or ()) == 3

    assert await tasks.forget_events(keeper, on=now + timedelta(31)) == 3
    assert await missed(keeper.engine, tenant, before, between, 100) is None
    assert await missed(keeper.engine, tenant, between, await present(keeper.engine), 100) == []

    mark = await pruned_below(keeper)
    assert await tasks.forget_events(keeper, on=now + timedelta(31)) == 0
    assert await pruned_below(keeper) == mark


async def test_what_is_recent_is_kept_among_what_is_old(keeper: Keeper, tenant: uuid.UUID) -> None:
    await new_contract(keeper, tenant, None)
    async with keeper.owner.begin() as connection:
        await name_tenant(connection, tenant)
        await connection.execute(text("update event set occurred_at = occurred_at - interval '40 days'"))
    await new_contract(keeper, tenant, None)
    offset = await present(keeper.engine)
    await new_contract(keeper, tenant, None)
    assert await tasks.forget_events(keeper, on=datetime.now(UTC)) == 2
    assert await events_left(keeper) == 4
    assert len(await missed(keeper.engine, tenant, offset, await present(keeper.engine), 100) or ()) == 2


async def name_tenant(connection: AsyncConnection, tenant: uuid.UUID) -> None:
    await connection.execute(text("select set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant)})


async def test_the_application_itself_cannot_forget_events(keeper: Keeper, tenant: uuid.UUID) -> None:
    async with keeper.engine.connect() as connection:
        await name_tenant(connection, tenant)
        with pytest.raises(ProgrammingError, match="permission denied"):
            await connection.execute(text("delete from event"))


async def queued(keeper: Keeper) -> list[tuple[str, Any]]:
    async with keeper.engine.connect() as connection:
        rows = await connection.execute(text("select task_name, args from procrastinate_jobs order by id"))
        return [(name, args) for name, args in rows]


@pytest.mark.parametrize(("end", "expected"), [("commit", [("move_contracts", {"timestamp": 1})]), ("rollback", [])])
async def test_a_task_is_asked_for_by_the_transaction(
    keeper: Keeper, tenant: uuid.UUID, end: str, expected: list[Any]
) -> None:
    async with writing(keeper.engine, tenant) as session:
        await enqueue(session, tasks.contracts_by_the_calendar, timestamp=1)
        assert await queued(keeper) == []
        await getattr(session, end)()
    assert await queued(keeper) == expected


def test_the_queues_schema_is_the_one_the_migration_was_written_for() -> None:
    """If this fails, procrastinate was upgraded: write a migration with its difference, then change the digest.

    A database made from then on has the difference already, so that migration must look first.
    """
    shipped = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()
    assert shipped == "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


async def test_the_worker_does_what_is_due_and_stops_when_told(
    keeper: Keeper, tenant: uuid.UUID, fresh_database_url: str
) -> None:
    id = await new_contract(keeper, tenant, date(2021, 1, 1), "activate")
    async with writing(keeper.engine, tenant) as session:
        now = int(datetime.now(UTC).timestamp())
        await enqueue(session, tasks.contracts_by_the_calendar, timestamp=now)
        await session.commit()

    program = "from server.worker import run; from server.settings import load_settings; run(load_settings())"
    environment = {**os.environ, "PORTICO_DATABASE_URL": fresh_database_url}
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(60):
            while (await told(keeper, tenant, id))[0] != "TERMINATED":
                assert worker.returncode is None
                await asyncio.sleep(0.1)
        worker.terminate()
        async with asyncio.timeout(30):
            assert await worker.wait() == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
