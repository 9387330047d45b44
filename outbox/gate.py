"""The gate at the socket: what was prepared before a change of access is not written after it.

Everything here is plain memory of one process, changed and compared without an await in between.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

Mark = tuple[int, int, int]
"""How often the rights of everybody, of a tenant and of a user have changed, as far as this process knows."""


@dataclass
class Gate:
    """Counts changes of access, and knows until when this process may send at all."""

    clock: Callable[[], float] = time.monotonic
    sending_until: float = 0.0
    listening: bool = False
    _all: int = 0
    _tenants: dict[uuid.UUID, int] = field(default_factory=lambda: defaultdict(int))
    _users: dict[uuid.UUID, int] = field(default_factory=lambda: defaultdict(int))
    _renewed: asyncio.Event = field(default_factory=asyncio.Event)

    def mark(self, tenant: uuid.UUID, user: uuid.UUID) -> Mark:
        """The state of the counters; take it *before* the snapshot that is read for this user."""
        return self._all, self._tenants.get(tenant, 0), self._users.get(user, 0)

    def may_send(self, tenant: uuid.UUID, user: uuid.UUID, mark: Mark) -> bool:
        """Whether what was read under ``mark`` may still be written. Call it in the same breath as the write."""
        return self.is_open() and mark == self.mark(tenant, user)

    def is_open(self) -> bool:
        """Whether this process hears of changes and holds its lease."""
        return self.listening and self.clock() < self.sending_until

    def renew(self, until: float) -> None:
        """The lease is held until then: whoever waits for it looks again."""
        self.sending_until = until
        self._renewed.set()
        self._renewed = asyncio.Event()

    async def opened(self, within: float) -> bool:
        """Whether the gate is open, or opens within so many seconds; a process that is deaf is not waited for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self.listening and not self.is_open():
                    await self._renewed.wait()
        return self.is_open()

    def close(self) -> None:
        """Stop sending: the process has become deaf, or lost its lease."""
        self.listening = False
        self.sending_until = 0.0

    def changed(self, tenant: uuid.UUID, users: Iterable[uuid.UUID] | None) -> None:
        """Rights have changed: of these users, or of the whole tenant."""
        if users is None:
            self._tenants[tenant] += 1
            return
        for user in users:
            self._users[user] += 1

    def changed_everywhere(self) -> None:
        """Anything may have changed while this process was deaf."""
        self._all += 1
        self._tenants.clear()
        self._users.clear()
