"""One viewer of the checker: readers, and open ends over which something is pushed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import orjson

from models import Organization, Site, Tenant
from resolvers.ids import encode
from tests.promise.client import Closed, Socket
from tests.promise.documents import Document, access_subscription, changes_subscription, documents
from tests.promise.lane import Lane
from tests.promise.ledger import Ledger, keys_in
from tests.promise.nodes import Node
from tests.promise.stream import Stream

PUSHED_WITHIN = 20.0
CLOSED_WITHIN = 5.0
# What is said instead of an answer: by a process that has just lost its lease, and where rights changed beneath a
# command, be they somebody else's at a place all share.
_INSTEAD = (b'"SERVICE_UNAVAILABLE"', b'"RESULT_WITHHELD"')
Channel = Socket | Stream


class View:
    """What one socket or stream has been told of the viewer's access, and when."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.since = 0.0
        self.refused = False
        self.news = asyncio.Event()

    def told(self, keys: set[str], *, refused: bool) -> None:
        """The access was pushed, or refused from now on."""
        self.keys, self.since, self.refused = keys, time.monotonic(), refused
        self.news.set()


class Viewer:
    """Reads as one user over HTTP, a socket on every process and a stream on one, and reports all to the ledger."""

    def __init__(self, lane: Lane, nodes: Sequence[Node], ledger: Ledger) -> None:
        self.lane = lane
        self.sockets: dict[Node, Socket] = {}
        self.stream: Stream | None = None
        self.documents = [*documents(lane.secrets, lane.home), *lane.more]
        self._nodes = nodes
        self._ledger = ledger
        self._views: dict[Channel, View] = {}
        self._offsets: dict[tuple[int, str], str] = {}
        self._entered = 0.0

    @property
    def channels(self) -> list[Channel]:
        """The open ends over which something is pushed."""
        return [*self.sockets.values(), *([self.stream] if self.stream else [])]

    async def connect(self) -> None:
        """A socket on every process, with the access and the changes of the places watched, and a stream on one."""
        assert self.lane.enter is not None
        self.lane.token, self._entered = await self.lane.enter(), time.monotonic()
        await self.reconnect()

    @property
    def should_enter_anew(self) -> bool:
        """Whether the session is half over, so that it might end by itself before the next time it is looked at."""
        return time.monotonic() - self._entered > self.lane.lasts / 2

    async def reconnect(self) -> None:
        """Open everything anew in the same session."""
        self.disconnect()
        self._views.clear()
        await asyncio.gather(*(self._connect_to(node) for node in self._nodes))
        query = access_subscription(self.lane.secrets)
        self.stream = await Stream.open(random.choice(self._nodes).port, self.lane.token, query, self._event)

    async def _connect_to(self, node: Node) -> None:
        """A socket on one process; it goes on where the last one there ended."""
        socket = await Socket.open(node.port, self.lane.token, self._event)
        self.sockets[node] = socket
        socket.subscribe("access", access_subscription(self.lane.secrets))
        changes = changes_subscription(self.lane.secrets, nested=node is self._nodes[-1])
        for name, place in self._places().items():
            after = self._offsets.get((node.port, name))
            socket.subscribe(name, changes, {"under": place, "after": after})

    def disconnect(self) -> None:
        """Leave every process."""
        for channel in self.channels:
            channel.close()

    def _places(self) -> dict[str, str]:
        if self.lane.watches is not None:
            return {"changes": encode(Tenant, self.lane.watches)}
        # Some watch two places, of which one lies in the other.
        within = {"site": encode(Site, self.lane.home.site)} if self.lane.number % 3 == 0 else {}
        return {"changes": encode(Organization, self.lane.home.organization), **within}

    def _view(self, channel: Channel) -> View:
        return self._views.setdefault(channel, View())

    def _event(self, channel: Channel, id: str, text: bytes) -> None:
        way = "socket" if isinstance(channel, Socket) else "stream"
        self._ledger.pushed(self.lane.name, f"{way} {id}", channel.clear_of, text)
        if id == "access":
            self._view(channel).told(keys_in(text) & self.lane.keys, refused=b'"FIELD_FORBIDDEN"' in text)
            return
        payload = orjson.loads(text)["payload"]
        change: Any = (payload.get("data") or {}).get("changes") if isinstance(payload, dict) else None
        if change and change.get("offset"):
            self._offsets[channel.port, id] = change["offset"]

    async def read(self, node: Node, *, present: bool = False) -> None:
        """One query over HTTP; if ``present``, what it covers has to be in the answer."""
        document = random.choice(self.documents)
        with suppress(OSError, EOFError):
            if document.is_file:
                answer = await node.http.get(document.query, self.lane.token)
            else:
                answer = await node.http.graphql(self.lane.token, document.query, **document.variables)
            self._judge(f"http {document.name}", document, answer.started, answer.body, present=present)

    async def ask(self, node: Node, *, present: bool = False) -> None:
        """One query over the socket."""
        document = random.choice([one for one in self.documents if not one.is_file])
        with suppress(Closed):
            started, body = await self.sockets[node].query(document.query, document.variables)
            self._judge(f"socket {document.name}", document, started, body, present=present)

    def _judge(self, via: str, document: Document, started: float, body: bytes, *, present: bool) -> None:
        self._ledger.answered(self.lane.name, via, started, body)
        present = present and not any(one in body for one in _INSTEAD)
        missing = document.covers - keys_in(body) if present else ()
        for key in sorted(missing):
            self._ledger.breach("P5", self.lane.name, key, via, f"not shown after it was given back: {body[:300]!r}")

    async def clear(self) -> None:
        """Have all judged that was written to a socket or stream before."""
        for channel in self.channels:
            with suppress(Closed):
                await channel.ping()

    async def sees(self, node: Node, keys: frozenset[str], *, after: float, exactly: bool) -> float | None:
        """As ``is_shown``, on the socket to a process."""
        return await self.is_shown(self.sockets[node], keys, after=after, exactly=exactly)

    async def is_shown(self, channel: Channel, keys: frozenset[str], *, after: float, exactly: bool) -> float | None:
        """When the push came that shows the keys (or, unless ``exactly``, none of them); None if it did not come."""
        view = self._view(channel)
        shown = await self._comes(
            channel, lambda: bool(view.since) and (keys <= view.keys if exactly else not keys & view.keys)
        )
        return max(0.0, view.since - after) if shown else None

    async def is_refused(self, channel: Channel) -> bool:
        """Whether it is told within a short time that the access cannot be asked for any more."""
        view = self._view(channel)
        return await self._comes(channel, lambda: view.refused) or view.refused

    async def _comes(self, channel: Channel, holds: Callable[[], bool]) -> bool:
        view, ends = self._view(channel), time.monotonic() + PUSHED_WITHIN
        while not holds():
            view.news.clear()
            left = ends - time.monotonic()
            if left <= 0 or channel.closed.is_set():
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await view.news.wait()
        return True

    async def is_closed(self, channel: Channel) -> bool:
        """Whether it gets closed within a short time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSED_WITHIN):
                await channel.closed.wait()
        return channel.closed.is_set()
