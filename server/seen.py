"""When a session was last used: remembered here, and written down now and then, apart from everything that answers.

It serves a person who looks at the list of their sessions, and tells nothing finer than a few minutes. So a request
leaves a note in memory and is answered; a task writes what has come together with one statement a tenant.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable

import structlog
from sqlalchemy import LargeBinary, Uuid, func, literal, or_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.grants import Credential
from models import Session
from models.database import writing

log = structlog.get_logger()

EVERY = 300.0
WRITTEN_EVERY = 30.0
MOST_KEPT = 20_000
Sockets = Callable[[], Iterable[tuple[uuid.UUID, uuid.UUID]]]


class Seen:
    """The sessions this process has seen lately. ``sockets`` gives tenant and session of those that are connected."""

    def __init__(self, engine: AsyncEngine, sockets: Sockets, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._sockets = sockets
        self._clock = clock
        self._noted: dict[bytes, float] = {}
        self._due: set[Credential] = set()
        self._sockets_due = 0.0

    def note(self, credential: Credential) -> None:
        """The session was used just now."""
        now, session = self._clock(), credential.secret_hash
        if now - self._noted.get(session, float("-inf")) < EVERY:
            return
        if len(self._noted) >= MOST_KEPT:
            # What was noted longest ago is forgotten, and costs one more write at most.
            self._noted.pop(next(iter(self._noted)))
        self._noted.pop(session, None)
        self._noted[session] = now
        self._due.add(credential)

    async def run(self) -> None:
        """Write until cancelled. What cannot be written is not worth waiting for."""
        while True:
            await asyncio.sleep(WRITTEN_EVERY)
            try:
                await self.write()
            except (SQLAlchemyError, OSError) as error:
                log.warning("sessions_not_noted", error=type(error).__name__)

    async def write(self) -> None:
        """Write down what was noted, and every few minutes the sessions whose sockets are open."""
        hashes: dict[uuid.UUID, list[bytes]] = defaultdict(list)
        ids: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
        due, self._due = self._due, set()
        for credential in due:
            hashes[credential.tenant_id].append(credential.secret_hash)
        for tenant, session in self._connected():
            ids[tenant].append(session)
        for tenant in {*hashes, *ids}:
            await self._written(tenant, hashes[tenant], ids[tenant])

    def _connected(self) -> Iterable[tuple[uuid.UUID, uuid.UUID]]:
        if self._clock() < self._sockets_due:
            return ()
        self._sockets_due = self._clock() + EVERY
        return set(self._sockets())

    async def _written(self, tenant: uuid.UUID, hashes: list[bytes], ids: list[uuid.UUID]) -> None:
        meant = or_(
            Session.secret_hash == func.any(literal(hashes, ARRAY(LargeBinary()))),
            Session.id == func.any(literal(ids, ARRAY(Uuid()))),
        )
        noting = update(Session).where(Session.tenant_id == tenant, Session.ended_at.is_(None), meant)
        async with writing(self._engine, tenant) as session:
            await session.execute(
                noting.values(last_seen_at=func.clock_timestamp()).execution_options(synchronize_session=False)
            )
            await session.commit()
