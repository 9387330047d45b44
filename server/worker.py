"""The worker: a process that does tasks until it is told to stop. There may be any number of them."""

from __future__ import annotations

import asyncio
import enum

import psycopg
import structlog
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException

from models.database import APP_ROLE, driver_url, owner_engine
from outbox.tasks import KEEPER, Keeper, queue
from server.logs import configure
from server.office import opened
from server.settings import Settings

log = structlog.get_logger()

CONCURRENCY = 4
STOPS_WITHIN = 20.0
AGAIN_AFTER = 2.0


class Ended(enum.Enum):
    """Why the queue is not worked on any more."""

    TOLD_TO_STOP = "told to stop"
    DATABASE_LOST = "database lost"


def run(settings: Settings) -> None:
    """Do tasks until SIGTERM or SIGINT; what is being done is finished first."""
    assert settings.database_url is not None
    configure(settings)
    asyncio.run(work(settings.database_url))


async def work(url: str) -> None:
    """Do tasks until told to stop; a database that goes away is waited for."""
    owner = owner_engine(url)
    try:
        async with opened(url) as office:
            keeper = Keeper(office.engine, owner, office.publisher)
            while True:
                if await _worked(url, keeper) is Ended.TOLD_TO_STOP:
                    return
                await asyncio.sleep(AGAIN_AFTER)
    finally:
        await owner.dispose()


async def _worked(url: str, keeper: Keeper) -> Ended:
    """Work until told to stop, or until the database goes away."""
    try:
        with queue.replace_connector(connector(url)):
            async with queue.open_async():
                log.info("worker_started")
                await queue.run_worker_async(
                    concurrency=CONCURRENCY,
                    shutdown_graceful_timeout=STOPS_WITHIN,
                    delete_jobs="successful",
                    additional_context={KEEPER: keeper},
                )
    except (ConnectorException, psycopg.Error, OSError) as error:
        log.warning("queue_lost", error=type(error).__name__)
        return Ended.DATABASE_LOST
    log.info("worker_stopped")
    return Ended.TOLD_TO_STOP


def connector(url: str) -> PsycopgConnector:
    """The queue's own connections, which act as the application does."""
    return PsycopgConnector(
        conninfo=driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False),
        kwargs={"options": f"-c role={APP_ROLE} -c timezone=UTC", "application_name": "portico worker"},
        min_size=1,
        max_size=CONCURRENCY + 2,
    )
