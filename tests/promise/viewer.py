"""One viewer of the checker: readers and a socket on every process."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import orjson

from models import Organization, Site, Tenant
from resolvers.ids import encode
from tests.promise.client import Closed, Socket
from tests.promise.documents import Document, access_subscription, changes_subscription, documents
from tests.promise.lanes import Lane
from tests.promise.ledger import Ledger, keys_in
from tests.promise.nodes import Node

PUSHED_WITHIN = 20.0
CLOSED_WITHIN = 5.0


class View:
    """What one socket has been told of the viewer's access, and when."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.since = 0.0
        self.offsets: dict[str, str] = {}
        self.news = asyncio.Event()

    def told(self, keys: set[str]) -> None:
        """The access was pushed."""
        self.keys, self.since = keys, time.monotonic()
        self.news.set()


class Viewer:
    """Reads as one user over HTTP and sockets and reports everything to the ledger."""

    def __init__(self, lane: Lane, nodes: Sequence[Node], ledger: Ledger) -> None:
        self.lane = lane
        self.sockets: dict[Node, Socket] = {}
        self.documents = documents(lane.secrets, lane.home)
        self._nodes = nodes
        self._ledger = ledger
        self._views = {node.port: View() for node in nodes}

    async def connect(self) -> None:
        """A socket on every process, with the access and the changes of the places watched."""
        await asyncio.gather(*(self.connect_to(node) for node in self._nodes))

    async def connect_to(self, node: Node) -> None:
        """A socket on one process; it goes on where the last one there ended."""
        view = self._views[node.port]
        view.keys, view.since = set(), 0.0
        socket = await Socket.open(node.port, self.lane.token, self._event)
        self.sockets[node] = socket
        socket.subscribe("access", access_subscription(self.lane.secrets))
        changes = changes_subscription(self.lane.secrets)
        for name, place in self._places().items():
            socket.subscribe(name, changes, {"under": place, "after": view.offsets.get(name)})

    def disconnect(self) -> None:
        """Leave every process."""
        for socket in self.sockets.values():
            socket.close()

    def _places(self) -> dict[str, str]:
        if self.lane.watches is not None:
            return {"changes": encode(Tenant, self.lane.watches)}
        # Some watch two places, of which one lies in the other.
        within = {"site": encode(Site, self.lane.home.site)} if self.lane.number % 3 == 0 else {}
        return {"changes": encode(Organization, self.lane.home.organization), **within}

    def _event(self, socket: Socket, id: str, text: bytes) -> None:
        self._ledger.pushed(self.lane.name, f"socket {id}", socket.clear_of, text)
        view = self._views[socket.port]
        if id == "access":
            view.told(keys_in(text) & self.lane.keys)
            return
        payload = orjson.loads(text)["payload"]
        change: Any = (payload.get("data") or {}).get("changes") if isinstance(payload, dict) else None
        if change and change.get("offset"):
            view.offsets[id] = change["offset"]

    async def read(self, node: Node, *, present: bool = False) -> None:
        """One query over HTTP; if ``present``, what it covers has to be in the answer."""
        document = random.choice(self.documents)
        with suppress(OSError, EOFError):
            answer = await node.http.graphql(self.lane.token, document.query, **document.variables)
            self._judge(f"http {document.name}", document, answer.started, answer.body, present=present)

    async def ask(self, node: Node, *, present: bool = False) -> None:
        """One query over the socket."""
        document = random.choice(self.documents)
        with suppress(Closed):
            started, body = await self.sockets[node].query(document.query, document.variables)
            self._judge(f"socket {document.name}", document, started, body, present=present)

    def _judge(self, via: str, document: Document, started: float, body: bytes, *, present: bool) -> None:
        self._ledger.answered(self.lane.name, via, started, body)
        # A process that has just lost its lease says so, instead of answering.
        present = present and b'"SERVICE_UNAVAILABLE"' not in body
        missing = document.covers - keys_in(body) if present else ()
        for key in sorted(missing):
            self._ledger.breach("P5", self.lane.name, key, via, f"not shown after it was given back: {body[:300]!r}")

    async def clear(self) -> None:
        """Ping every socket: whatever was written before has then been judged."""
        for socket in self.sockets.values():
            with suppress(Closed):
                await socket.ping()

    async def sees(self, node: Node, keys: frozenset[str], *, after: float, exactly: bool) -> float | None:
        """When the push came that shows the keys (or, unless ``exactly``, none of them); None if it did not come."""
        view = self._views[node.port]
        ends = time.monotonic() + PUSHED_WITHIN
        while not ((keys <= view.keys if exactly else not keys & view.keys) and view.since):
            view.news.clear()
            left = ends - time.monotonic()
            if left <= 0 or self.sockets[node].closed.is_set():
                return None
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await view.news.wait()
        return max(0.0, view.since - after)

    async def is_closed(self, node: Node) -> bool:
        """Whether the socket gets closed within a short time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSED_WITHIN):
                await self.sockets[node].closed.wait()
        return self.sockets[node].closed.is_set()
