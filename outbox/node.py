"""A process as others know it: its lease, its beat, and how it answers the fence."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import suppress

import psycopg
import structlog

from outbox.fence import ACK, FENCE, FenceMessage
from outbox.gate import Gate
from outbox.wire import Wire

log = structlog.get_logger()

OnFence = Callable[[FenceMessage], None]


class Node:
    """A process that serves sockets: it keeps a lease, raises its gate at a fence, and says so."""

    def __init__(self, wire: Wire, gate: Gate, *, lease: float = 3.0) -> None:
        self.id = uuid.uuid4()
        self._wire = wire
        self._gate = gate
        self._lease = lease
        self._on_fence: list[OnFence] = []
        self._on_resync: list[Callable[[], None]] = []
        self._to_acknowledge: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        wire.on(FENCE, self._fence)
        wire.on_up(self._hear_again)
        wire.on_down(gate.close)

    def on_fence(self, call: OnFence) -> None:
        """Call this, without awaiting, when rights have changed; the fence is acknowledged after it returns."""
        self._on_fence.append(call)

    def on_resync(self, call: Callable[[], None]) -> None:
        """Call this when the process may have missed changes: nothing prepared before counts any more."""
        self._on_resync.append(call)

    def start(self) -> None:
        """Begin to beat and to acknowledge. The wire must be started after this."""
        self._tasks = [
            asyncio.create_task(self._beat(), name="lease"),
            asyncio.create_task(self._acknowledge(), name="acknowledgements"),
        ]

    async def stop(self) -> None:
        """Stop sending and give the lease back."""
        self._gate.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(psycopg.Error, OSError):
            await self._wire.execute("delete from node_lease where node_id = %s", (self.id,))

    async def _hear_again(self) -> None:
        """The wire listens from now on: what happened before is unknown, so everything prepared is void."""
        self._gate.changed_everywhere()
        began = time.monotonic()
        await self._wire.execute(
            "insert into node_lease (node_id, lease_ms) values (%s, %s)"
            " on conflict (node_id) do update set beat = node_lease.beat + 1",
            (self.id, int(self._lease * 1000)),
        )
        self._gate.listening = True
        self._gate.renew(began + self._lease)
        for call in self._on_resync:
            call()

    async def _fence(self, payload: str) -> None:
        message = FenceMessage.loads(payload)
        self._gate.changed(message.tenant, message.users)
        for call in self._on_fence:
            call(message)
        self._to_acknowledge.put_nowait(message.id)

    async def _acknowledge(self) -> None:
        while True:
            fences = [await self._to_acknowledge.get()]
            while not self._to_acknowledge.empty() and len(fences) < 100:
                fences.append(self._to_acknowledge.get_nowait())
            try:
                await self._wire.say(ACK, " ".join([str(self.id), *fences]))
            except (psycopg.Error, OSError) as error:
                # Whoever waits says it again, and gives up on us when our lease ends.
                log.warning("acknowledgement_failed", error=type(error).__name__)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 4)
            if not self._wire.up.is_set():
                continue
            began = time.monotonic()
            try:
                async with asyncio.timeout(self._lease):
                    renewed = await self._wire.execute(
                        "update node_lease set beat = beat + 1 where node_id = %s", (self.id,)
                    )
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("lease_not_renewed", error=type(error).__name__)
                continue
            if renewed:
                self._gate.renew(began + self._lease)
            else:
                # Somebody has given up on this process: changes may have been answered without it.
                await self._hear_again()
