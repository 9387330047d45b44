"""One server process: everything it has once, started and stopped in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from auth.grants import Credential
from compiler.many import ForMany
from compiler.run import Compiled
from models.database import application_engine
from outbox.clock import Clock, machine_clock
from outbox.commit import Publisher
from outbox.fence import Fence
from outbox.gate import Gate
from outbox.hub import Hub
from outbox.log import LogReader, Position
from outbox.node import Node
from outbox.wire import Wire
from resolvers.context import Services
from server import worker
from server.deck import Deck
from server.live import Live
from server.metrics import FENCE_SECONDS, LOOKUPS
from server.operations import Operations
from server.origins import Origins
from server.reads import ActorStandings, ReadConnections
from server.seen import Seen
from server.settings import Settings
from server.socket_endpoint import endpoint
from server.streams import Streams
from server.trusted import Browsers, Trusted

log = structlog.get_logger()

POLL = 0.04
POLL_IDLE = 1.0
SWEEP = 0.5
DRAIN_BATCH, DRAIN_PAUSE = 200, 0.04


class Process:
    """The parts of a serving process and how they hang together."""

    def __init__(self, settings: Settings, clock: Clock = machine_clock) -> None:
        assert settings.database_url is not None
        self.settings = settings
        self.clock = clock
        self.secret = settings.signing_key()
        self.engine = application_engine(
            settings.database_url, pool_size=settings.pool_size, overflow=settings.pool_overflow
        )
        self.gate = Gate()
        self.hub = Hub()
        self.wire = Wire(settings.database_url)
        self.node = Node(self.wire, self.gate, lease=settings.lease_seconds)
        self.publisher = Publisher(Fence(self.engine, self.wire), self._nudge, FENCE_SECONDS.observe)
        services = Services(self.engine, self.publisher, self.secret, clock)
        self.reads = ReadConnections(settings.database_url, size=settings.pool_size)
        compiled = Compiled(self.reads, ActorStandings(self.engine), self.secret)
        browsers = Browsers.TRUSTED_ONLY if settings.trusted_documents_only else Browsers.ANY
        self.operations = Operations(
            services,
            compiled=compiled if settings.compiled else None,
            trusted=Trusted.load(browsers),
            introspection=settings.introspection,
            shows_plans=settings.graphiql,
        )
        self.deck = Deck(self.operations, self.hub, self.gate, Origins.of(settings), self._position)
        self.socket_endpoint = endpoint(self.deck)
        self.streams = Streams(self.deck)
        self.seen = Seen(self.engine, self.deck.sessions)
        many = ForMany(compiled.rules)
        self._live = Live(services, self.hub, self.gate, many if settings.compiled else None)
        LOOKUPS.caches = {"documents": self.operations.documents.kept, "plans": compiled.plans, "pushes": many.plans}
        self._reader = LogReader(self.engine)
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.node.on_fence(self.hub.fenced)
        self.node.on_resync(self.hub.resynchronize)

    async def start(self) -> None:
        """Begin to hear, to read the log and to serve sockets."""
        await self._reader.start()
        if self.settings.compiled:
            await self.reads.start()
        self.node.start()
        await self.wire.start()
        self._tasks = [
            asyncio.create_task(self._follow(), name="log"),
            asyncio.create_task(self._live.run(), name="live"),
            asyncio.create_task(self._sweep(), name="sweep"),
            asyncio.create_task(self.seen.run(), name="seen"),
        ]
        if self.settings.worker_inside:
            inside = worker.work(self.settings, self.clock, worker.Told.CALLER)
            self._tasks.append(asyncio.create_task(inside, name="worker"))

    async def drain(self) -> None:
        """Take no more sockets and send the open ones away, a few at a time, so that they do not come back at once."""
        self.deck.draining = True
        waiting = list(self.deck.open)
        for start in range(0, len(waiting), DRAIN_BATCH):
            for socket in waiting[start : start + DRAIN_BATCH]:
                socket.close_soon(1012, "The service is restarting")
            await asyncio.sleep(DRAIN_PAUSE)

    async def stop(self) -> None:
        """Send nothing any more and give everything back."""
        await self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.node.stop()
        await self.wire.stop()
        await self.reads.stop()
        await self.engine.dispose()

    async def ready(self) -> Mapping[str, bool]:
        """What this process needs to serve, and whether it has it."""
        return {
            "database": await self._reaches_database(),
            "listener": self.wire.up.is_set(),
            "lease": self.gate.is_open(),
            "not_draining": not self.deck.draining,
        }

    async def _reaches_database(self) -> bool:
        try:
            async with asyncio.timeout(1), self.engine.connect() as connection:
                await connection.execute(text("select 1"))
        except (SQLAlchemyError, PoolTimeout, OSError, TimeoutError):
            return False
        return True

    def saw(self, credential: Credential) -> None:
        """Somebody was answered under this credential."""
        self.seen.note(credential)

    def _nudge(self) -> None:
        self._news.set()

    def _position(self) -> Position:
        position = self._reader.position
        assert position is not None
        return position

    async def _follow(self) -> None:
        """Hand the events of the log to the hub, soon after they are committed anywhere."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL if self.deck.open else POLL_IDLE):
                    await self._news.wait()
            self._news.clear()
            try:
                async for batch in self._reader.read():
                    self.hub.publish(batch)
            except (SQLAlchemyError, OSError) as error:
                log.warning("log_not_read", error=type(error).__name__)
                await asyncio.sleep(POLL_IDLE)

    async def _sweep(self) -> None:
        """Twice a second: end what has expired, drop who does not read, look again at what still waits."""
        while True:
            await asyncio.sleep(SWEEP)
            now = time.monotonic()
            for socket in list(self.deck.open):
                if now >= socket.expires_at:
                    socket.close_soon(4401, "The session has expired")
                else:
                    socket.check_progress(now, self.deck.limits.send_within)
            if any(self.hub.busy.values()):
                self.hub.work.set()
