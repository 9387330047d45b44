"""The worker: a process that does tasks until it is told to stop. There may be any number of them."""

# pyright: reportUnusedImport=false

from __future__ import annotations

import asyncio
import enum
import hmac

import psycopg
import structlog
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException

from models.database import APP_ROLE, driver_url, owner_engine
from outbox import mail, reset  # noqa: F401  (their tasks are known by name)
from outbox.clock import Clock, machine_clock
from outbox.post import Mailbox, NoCarrier, PostOffice, SmtpServer
from outbox.queue import queue
from outbox.tasks import KEEPER, Keeper
from server.logs import configure
from server.office import opened
from server.settings import Settings

log = structlog.get_logger()

CONCURRENCY = 4
STOPS_WITHIN = 20.0
AGAIN_AFTER = 2.0


class Told(enum.Enum):
    """Who tells the worker to stop: the process by its signals, or the caller by cancelling it."""

    SIGNALS = "signals"
    CALLER = "caller"


class Ended(enum.Enum):
    """Why the queue is not worked on any more."""

    TOLD_TO_STOP = "told to stop"
    DATABASE_LOST = "database lost"


def run(settings: Settings) -> None:
    """Do tasks until SIGTERM or SIGINT; what is being done is finished first."""
    assert settings.database_url is not None
    configure(settings)
    asyncio.run(work(settings))


async def work(settings: Settings, clock: Clock = machine_clock, told_by: Told = Told.SIGNALS) -> None:
    """Do tasks until told to stop; a database that goes away is waited for."""
    assert settings.database_url is not None
    url, post = settings.database_url, post_office(settings)
    owner = owner_engine(url)
    try:
        async with opened(url) as office:
            keeper = Keeper(office.engine, owner, office.publisher, post, clock)
            while True:
                if await _worked(url, keeper, told_by) is Ended.TOLD_TO_STOP:
                    return
                await asyncio.sleep(AGAIN_AFTER)
    finally:
        await owner.dispose()


async def _worked(url: str, keeper: Keeper, told_by: Told) -> Ended:
    """Work until told to stop, or until the database goes away."""
    try:
        with queue.replace_connector(connector(url)):
            async with queue.open_async():
                log.info("worker_started")
                await queue.run_worker_async(
                    concurrency=CONCURRENCY,
                    shutdown_graceful_timeout=STOPS_WITHIN,
                    delete_jobs="successful",
                    install_signal_handlers=told_by is Told.SIGNALS,
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


def post_office(settings: Settings) -> PostOffice:
    """The post by the settings. Its key has a purpose of its own, apart from the one that signs cursors."""
    key = hmac.digest(settings.signing_key(), b"portico letters", "sha256")
    if settings.mailbox:
        return PostOffice(key, settings.origin, settings.mail_from, Mailbox())
    server = SmtpServer.at(settings.smtp_url.get_secret_value()) if settings.smtp_url else NoCarrier()
    return PostOffice(key, settings.origin, settings.mail_from, server)
