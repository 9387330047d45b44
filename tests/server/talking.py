"""Clients of the sockets that say what they are told to, valid or not, and served processes to say it to."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import socket as sockets
import struct
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from outbox.clock import Clock, machine_clock
from server.app import create_app
from server.process import Process
from server.settings import Settings
from tests.server.serving import serving
from tests.world.mirror import Mirror, mirror
from tests.world.serving import Place

PROTOCOL = "graphql-transport-ws"
SECRET = "s" * 40
PATIENCE = 20.0
Stations = Callable[..., Any]


@dataclass
class Station:
    """A served process, whose limits a test may change, and the world in its database."""

    origin: str
    process: Process
    place: Place
    http: httpx2.Client

    @property
    def url(self) -> str:
        return self.origin.replace("http", "ws") + "/graphql"

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    def token(self, viewer: str) -> str:
        return self.place.world.tokens[viewer]

    def bearer(self, viewer: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(viewer)}"}

    def one(self, kind: str, **values: Any) -> str:
        """The id of the only row of the first tenant with these values."""
        return self.place.mirror.one(kind, tenant=self.place.world.tenants["acme"], **values)["id"]

    def mirror(self) -> Mirror:
        """The rows as they are now."""
        return mirror(self.place.url)

    def ask(self, viewer: str, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        content = self.answer(viewer, query, **variables)
        assert "errors" not in content, content
        return content["data"]

    def answer(self, viewer: str, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        return self.http.post("/graphql", json=body, headers=self.bearer(viewer)).json()

    def command(self, viewer: str, name: str, selection: str = "", /, **given: Any) -> Any:
        """Carry out a command that succeeds; its payload."""
        kind = name[0].upper() + name[1:]
        query = f"mutation($input:{kind}Input!){{{name}(input:$input){{{selection} userErrors{{code field message}}}}}}"
        payload = self.ask(viewer, query, input=given)[name]
        assert payload["userErrors"] == [], payload
        return payload

    @contextmanager
    def limited(self, **limits: Any) -> Iterator[None]:
        """Other limits for the sockets that are opened meanwhile."""
        before = self.process.deck.limits
        self.process.deck.limits = replace(before, **limits)
        try:
            yield
        finally:
            self.process.deck.limits = before


@contextmanager
def stationed(place: Place, folder: Any, clock: Clock = machine_clock, **settings: Any) -> Iterator[Station]:
    """The app, served over the database of ``place``."""
    made = Settings(database_url=place.url, data_dir=folder, secret=SECRET, **settings)  # type: ignore[arg-type]
    process = Process(made, clock)
    served = serving(create_app(process), ws_max_size=64 * 1024, ws_per_message_deflate=False)
    with served as origin, httpx2.Client(base_url=origin, timeout=PATIENCE) as http:
        yield Station(origin, process, place, http)


@pytest.fixture(scope="session")
def station(world: Place, tmp_path_factory: pytest.TempPathFactory) -> Generator[Station]:
    """A server for tests that change nothing."""
    with stationed(world, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def own_station(own_world: Place, tmp_path_factory: pytest.TempPathFactory) -> Generator[Station]:
    """A server with a world of the test's own."""
    with stationed(own_world, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def two_stations(own_world: Place, tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Station, Station]]:
    """Two servers over one database."""
    home = tmp_path_factory.mktemp("home")
    with stationed(own_world, home) as one, stationed(own_world, home) as other:
        yield one, other


@pytest.fixture
def untroubled(caplog: pytest.LogCaptureFixture) -> Generator[list[Any]]:
    """Fails a test in which the server logged an error or a traceback; the list returned is what structlog was told."""
    with caplog.at_level(logging.WARNING), structlog.testing.capture_logs() as events:
        yield events
    said = [one for one in events if one["log_level"] in ("error", "critical") or one.get("exc_info")]
    said += [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR or one.exc_info]
    assert said == []


async def until(done: Callable[[], bool]) -> None:
    """Return once ``done``; it is a fact of another thread, which tells nobody."""
    async with asyncio.timeout(PATIENCE):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


class Talk:
    """One socket, and what came over it, kept by operation until it is asked for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self._kept: dict[str, deque[Any]] = defaultdict(deque)

    async def say(self, message: Any) -> None:
        """Send a message; bytes and strings go out as they are."""
        raw = message if isinstance(message, (str, bytes)) else json.dumps(message)
        await self.connection.send(raw)

    async def init(self, payload: Any = None) -> Any:
        """Open the protocol and return the acknowledgement."""
        await self.say({"type": "connection_init", **({} if payload is None else {"payload": payload})})
        return await self.hear()

    async def subscribe(self, id: str, query: str, **variables: Any) -> None:
        await self.say({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    async def hear(self) -> Any:
        """The next message, whatever it is about."""
        async with asyncio.timeout(PATIENCE):
            return json.loads(await self.connection.recv())

    async def of(self, id: str) -> Any:
        """The next message about an operation."""
        while not self._kept[id]:
            message = await self.hear()
            self._kept[message.get("id", message["type"])].append(message)
        return self._kept[id].popleft()

    async def data(self, id: str) -> Any:
        """The data of the next result of an operation, which has no errors."""
        message = await self.of(id)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def refusal(self, id: str) -> list[str]:
        """The codes with which an operation is refused."""
        message = await self.of(id)
        assert message["type"] == "error", message
        assert all(one["extensions"]["requestId"] for one in message["payload"])
        return [one["extensions"]["code"] for one in message["payload"]]

    async def query(self, id: str, query: str, **variables: Any) -> Any:
        """The data of an operation that is then complete."""
        await self.subscribe(id, query, **variables)
        data = await self.data(id)
        assert await self.of(id) == {"id": id, "type": "complete"}
        return data

    async def waiting(self, id: str) -> list[Any]:
        """All that has been sent about an operation up to now: what was written before our ping has come."""
        await self.say({"type": "ping"})
        await self.of("pong")
        came = list(self._kept[id])
        self._kept[id].clear()
        return came

    async def alive(self) -> None:
        """Whether the socket still works."""
        assert await self.waiting("nothing") == []

    async def closed(self) -> int:
        """The code the server closes with."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.connection.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@asynccontextmanager
async def socket(
    station: Station, *, protocol: str = PROTOCOL, headers: dict[str, str] | None = None, **options: Any
) -> AsyncIterator[Talk]:
    """A socket over which nothing has been said yet."""
    async with connect(
        station.url,
        subprotocols=[Subprotocol(protocol)] if protocol else None,
        additional_headers=headers,
        compression=None,
        ping_interval=None,
        open_timeout=PATIENCE,
        max_size=None,
        # What nobody asks for yet is read all the same: an unread socket answers no ping, and is cut for it.
        max_queue=None,
        **options,
    ) as connection:
        yield Talk(connection)


@asynccontextmanager
async def talk(station: Station, viewer: str, **options: Any) -> AsyncIterator[Talk]:
    """A socket on which ``viewer`` is signed in."""
    async with socket(station, **options) as made:
        answer = await made.init({"authorization": f"Bearer {station.token(viewer)}"})
        assert answer == {"type": "connection_ack"}
        yield made


class Raw:
    """A socket of which every byte is our own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def write(self, opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True) -> None:
        self.writer.write(frame(opcode, payload, fin=fin, masked=masked))

    def say(self, message: Any) -> None:
        self.write(1, json.dumps(message).encode())

    async def read(self) -> tuple[int, bytes]:
        """The next frame of the server; its own pings are answered."""
        while True:
            opcode, payload = await self._frame()
            if opcode != 9:
                return opcode, payload
            self.write(10, payload)

    async def _frame(self) -> tuple[int, bytes]:
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readexactly(2)
            length = head[1] & 127
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return head[0] & 15, await self.reader.readexactly(length)

    async def closed(self) -> int:
        """The code of the server's close frame."""
        while True:
            opcode, payload = await self.read()
            if opcode == 8:
                return struct.unpack("!H", payload[:2])[0]


def frame(opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True) -> bytes:
    """One frame of a client."""
    mask = os.urandom(4)
    body = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload)) if masked else payload
    flag, size = 128 if masked else 0, len(payload)
    if size < 126:
        length = struct.pack("!B", flag | size)
    elif size < 65536:
        length = struct.pack("!BH", flag | 126, size)
    else:
        length = struct.pack("!BQ", flag | 127, size)
    return bytes([(128 if fin else 0) | opcode]) + length + (mask if masked else b"") + body


@asynccontextmanager
async def raw(station: Station, viewer: str | None = None, *, receiving: int | None = None) -> AsyncIterator[Raw]:
    """A socket of our own making, signed in if a viewer is named; ``receiving`` is what its kernel takes for it."""
    with sockets.socket() as end:
        if receiving is not None:
            end.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, receiving)
        end.setblocking(False)
        await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", station.port))
        reader, writer = await asyncio.open_connection(sock=end.dup(), limit=receiving or 65536)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:{station.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head, head
    made = Raw(reader, writer)
    try:
        if viewer is not None:
            made.say({"type": "connection_init", "payload": {"authorization": f"Bearer {station.token(viewer)}"}})
            assert await made.read() == (1, b'{"type":"connection_ack"}')
        yield made
    finally:
        writer.transport.abort()
