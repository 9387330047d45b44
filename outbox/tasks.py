"""Tasks: what is done after a commit because the transaction asked for it, and what is done by the clock.

A task is put into the queue by the very transaction that needs it, so it is done if that commits and never otherwise.
It may be done twice, after a crash or by two workers, so each one changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import structlog
from procrastinate import JobContext, RetryStrategy
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.actor import system_actor
from domain import housekeeping
from domain.housekeeping import TenantClock
from models.database import across_tenants, writing
from outbox.clock import Clock, machine_clock
from outbox.commit import Publisher
from outbox.post import CLOSED, PostOffice
from outbox.queue import queue

log = structlog.get_logger()

KEEPER = "keeper"
KEPT_HOURS = 30 * 24

_AGAIN = RetryStrategy(max_attempts=5, exponential_wait=4)
_ALL_TENANTS = ("app.sign_in_email", "-")


@dataclass(frozen=True)
class Keeper:
    """What tasks work with: the database as the application and as the tables' owner, the way to commit, the post."""

    engine: AsyncEngine
    owner: AsyncEngine
    publisher: Publisher
    post: PostOffice = CLOSED
    clock: Clock = machine_clock


async def move_contracts(keeper: Keeper, *, on: datetime) -> int:
    """Expire and terminate what is due at ``on``, tenant by tenant; the number of steps taken."""

    async def of_tenant(one: TenantClock) -> int:
        local = on.astimezone(ZoneInfo(one.time_zone))
        return await _repeated(lambda: _move_some(keeper, one, local))

    return await _for_each_tenant(keeper, of_tenant)


async def _move_some(keeper: Keeper, one: TenantClock, on: datetime) -> int:
    async with writing(keeper.engine, one.id) as session:
        moved = await housekeeping.move_contracts(session, system_actor(one.id), on=on)
        await keeper.publisher.commit(session)
    return moved


async def forget_credentials(keeper: Keeper, *, on: datetime) -> int:
    """Delete old sessions and idempotency keys; the number of them."""

    async def of_tenant(one: TenantClock) -> int:
        async with writing(keeper.engine, one.id) as session:
            sessions = await housekeeping.forget_sessions(session, one.id, on=on)
            keys = await housekeeping.forget_keys(session, one.id, on=on)
            await session.commit()
        return sessions + keys

    return await _for_each_tenant(keeper, of_tenant)


async def forget_mail(keeper: Keeper, *, on: datetime) -> int:
    """Delete old letters and one-time secrets; the number of them."""

    async def of_tenant(one: TenantClock) -> int:
        async with writing(keeper.engine, one.id) as session:
            gone = await housekeeping.forget_mail(session, one.id, on=on)
            await session.commit()
        return gone

    return await _for_each_tenant(keeper, of_tenant)


async def forget_events(keeper: Keeper, *, on: datetime) -> int:
    """Delete old events; the number of them. The application cannot do that, so it is done as the tables' owner."""

    async def of_tenant(one: TenantClock) -> int:
        return await _repeated(lambda: _forget_some(keeper, one, on))

    return await _for_each_tenant(keeper, of_tenant)


async def _forget_some(keeper: Keeper, one: TenantClock, on: datetime) -> int:
    async with keeper.owner.begin() as connection:
        await connection.execute(text("select set_config('app.tenant', :tenant, true)"), {"tenant": str(one.id)})
        return await housekeeping.forget_events(connection, one.id, on=on)


async def _repeated(some: Callable[[], Awaitable[int]]) -> int:
    """Do ``some``, each time in a transaction of its own, until nothing is left."""
    total = 0
    while count := await some():
        total += count
    return total


async def _for_each_tenant(keeper: Keeper, do: Callable[[TenantClock], Awaitable[int]]) -> int:
    """Do the same in every tenant; what fails in one is told when all the others have been served."""
    async with across_tenants(keeper.engine, *_ALL_TENANTS) as connection:
        tenants = await housekeeping.tenant_clocks(connection)
    failures: list[Exception] = []
    total = 0
    for one in tenants:
        try:
            total += await do(one)
        except Exception as error:
            log.exception("task_failed", tenant=str(one.id))
            failures.append(error)
    if failures:
        raise ExceptionGroup("the task failed in some tenants", failures)
    return total


def keeper_of(context: JobContext) -> Keeper:
    """What the worker works with."""
    given = cast("Mapping[str, Keeper]", context.additional_context)  # pyright: ignore[reportUnknownMemberType]
    return given[KEEPER]


def _at(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


@queue.periodic(cron="7 * * * *")
@queue.task(name="move_contracts", queueing_lock="move_contracts", pass_context=True, retry=_AGAIN)
async def contracts_by_the_calendar(context: JobContext, timestamp: int) -> None:
    """Every hour: somewhere a day has begun."""
    await move_contracts(keeper_of(context), on=_at(timestamp))


@queue.periodic(cron="17 3 * * *")
@queue.task(name="forget", queueing_lock="forget", pass_context=True, retry=_AGAIN)
async def forgetting(context: JobContext, timestamp: int) -> None:
    """Every night: what was kept long enough goes, the queue's own records included."""
    await forget_credentials(keeper_of(context), on=_at(timestamp))
    # Letters bear the time of the clock that promised how long their links work.
    await forget_mail(keeper_of(context), on=keeper_of(context).clock())
    await forget_events(keeper_of(context), on=_at(timestamp))
    await context.app.job_manager.delete_old_jobs(
        KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@queue.periodic(cron="*/5 * * * *")
@queue.task(name="resume_stalled", queueing_lock="resume_stalled", pass_context=True)
async def resuming(context: JobContext, timestamp: int) -> None:
    """Every five minutes: what a worker left undone when it died is done by another."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job, retry_at=_at(timestamp))
