"""What all sockets of a process share, and how much of it a client may take."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from outbox.gate import Gate
from outbox.hub import Hub
from outbox.log import Position
from server.operations import Operations
from server.origins import Origins

if TYPE_CHECKING:
    from server.sockets import Socket


@dataclass(frozen=True)
class Limits:
    """How many sockets a process and a user may hold, and what one of them may do. Times are in seconds."""

    sockets: int = 12_000
    sockets_of_user: int = 200
    subscriptions: int = 20
    running: int = 10
    """Queries and mutations a socket may have in work at once."""
    messages_a_second: float = 50.0
    messages_at_once: float = 200.0
    init_within: float = 5.0
    send_within: float = 5.0
    """For how long a client that does not read is waited for."""
    answer_within: float = 10.0
    lease_within: float = 2.0
    """For how long an answer waits for a lease that has lapsed: it is renewed as soon as the process has a moment."""


@dataclass
class Deck:
    """The sockets of a process and what they work with."""

    operations: Operations
    hub: Hub
    gate: Gate
    origins: Origins
    position: Callable[[], Position]
    limits: Limits = field(default_factory=Limits)
    open: set[Socket] = field(default_factory=set)
    """All there are, those that have not signed in yet among them."""
    catching_up: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    draining: bool = False

    def sessions(self) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
        """Tenant and session of every socket that has signed in."""
        return ((socket.tenant_id, socket.session_id) for group in self.hub.sockets.values() for socket in group)
