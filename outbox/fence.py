"""The fence: a change of access is answered only when no process can still send under the rights of before.

The change is announced by NOTIFY in its own transaction. Every process that holds a lease raises its gate and
acknowledges; the one that made the change waits for all of them. A process that stays silent is waited for until its
beat has stood still for its whole lease: by then its own clock has made it stop sending.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.fencing import AccessChange, Consequence
from outbox.wire import Wire

FENCE, ACK = "portico_fence", "portico_ack"
_AT_MOST = 150  # user ids in one notification, which may have 8,000 bytes
_AGAIN_AFTER = 0.25
_MARGIN = 0.25


@dataclass(frozen=True)
class FenceMessage:
    """One announcement: whose rights have changed (``users`` None: the whole tenant's), and what becomes of sockets."""

    id: str
    tenant: uuid.UUID
    users: tuple[uuid.UUID, ...] | None
    consequence: Consequence

    def dumps(self) -> str:
        """The message as the payload of a NOTIFY."""
        users = None if self.users is None else [user.hex for user in self.users]
        return json.dumps([self.id, self.tenant.hex, users, self.consequence.value])

    @classmethod
    def loads(cls, payload: str) -> FenceMessage:
        """The message a payload carries."""
        id, tenant, users, consequence = json.loads(payload)
        who = None if users is None else tuple(uuid.UUID(user) for user in users)
        return cls(id, uuid.UUID(tenant), who, Consequence(consequence))


def messages(changes: Sequence[AccessChange]) -> list[FenceMessage]:
    """The announcements for the changes of one transaction: few, however many users they concern."""
    made: list[FenceMessage] = []
    for tenant, consequence in dict.fromkeys((one.tenant_id, one.consequence) for one in changes):
        users = list(
            dict.fromkeys(one.user_id for one in changes if (one.tenant_id, one.consequence) == (tenant, consequence))
        )
        if None in users:
            made.append(FenceMessage(uuid.uuid4().hex, tenant, None, consequence))
            continue
        for start in range(0, len(users), _AT_MOST):
            some = tuple(user for user in users[start : start + _AT_MOST] if user is not None)
            made.append(FenceMessage(uuid.uuid4().hex, tenant, some, consequence))
    return made


class Fence:
    """Announces changes and waits for the acknowledgements."""

    def __init__(self, engine: AsyncEngine, wire: Wire) -> None:
        self._engine = engine
        self._wire = wire
        self._acks: dict[str, set[uuid.UUID]] = {}
        self._news = asyncio.Condition()
        wire.on(ACK, self._acknowledged)

    async def announce(self, session: AsyncSession, message: FenceMessage) -> None:
        """Have the database send the message when the session commits, and begin to listen for answers."""
        self._acks[message.id] = set()
        await session.execute(
            text("select pg_notify(:channel, :payload)"),
            {"channel": FENCE, "payload": message.dumps()},
        )

    def forget(self, message: FenceMessage) -> None:
        """The transaction was not committed, or its answers have come."""
        self._acks.pop(message.id, None)

    async def stand(self, message: FenceMessage) -> None:
        """Return once every process that could still send has acknowledged, or has provably stopped."""
        first_seen: dict[tuple[uuid.UUID, int], float] = {}
        try:
            while silent := await self._silent(message, first_seen):
                await self._wait(message, silent)
        finally:
            self.forget(message)

    async def _silent(self, message: FenceMessage, first_seen: dict[tuple[uuid.UUID, int], float]) -> set[uuid.UUID]:
        """The processes still to be waited for."""
        async with self._engine.begin() as connection:
            leases = (await connection.execute(text("select node_id, beat, lease_ms from node_lease"))).all()
            silent: set[uuid.UUID] = set()
            for node, beat, lease_ms in leases:
                seen = first_seen.setdefault((node, beat), time.monotonic())
                if node in self._acks[message.id]:
                    continue
                if time.monotonic() - seen < lease_ms / 1000 + _MARGIN:
                    silent.add(node)
                    continue
                ended = await connection.execute(
                    text("delete from node_lease where node_id = :node and beat = :beat returning node_id"),
                    {"node": node, "beat": beat},
                )
                # A process that has renewed its lease at this very moment sends again, and has to be heard.
                if ended.first() is None:
                    silent.add(node)
        return silent

    async def _wait(self, message: FenceMessage, silent: set[uuid.UUID]) -> None:
        try:
            async with asyncio.timeout(_AGAIN_AFTER), self._news:
                await self._news.wait_for(lambda: silent <= self._acks[message.id])
        except TimeoutError:
            # A notification is lost if its listener was just reconnecting; saying it twice does no harm.
            await self._wire.say(FENCE, message.dumps())

    async def _acknowledged(self, payload: str) -> None:
        node, *fences = payload.split()
        for fence in fences:
            if fence in self._acks:
                self._acks[fence].add(uuid.UUID(node))
        async with self._news:
            self._news.notify_all()
