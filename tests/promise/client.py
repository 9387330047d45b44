"""Lean clients: HTTP over kept connections, and sockets whose frames are seen in the very order they came."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response as Handshake
from websockets.uri import parse_uri

PATIENCE = 30.0


@dataclass(frozen=True)
class Response:
    """An answer, with the instants just before the request was written and just after the answer was read."""

    status: int
    body: bytes
    started: float
    ended: float

    def data(self) -> Any:
        """The data of a GraphQL answer without errors."""
        content = orjson.loads(self.body)
        assert content.get("errors") is None, content
        return content["data"]


class Http:
    """One process's HTTP."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self, path: str, token: str | None = None) -> Response:
        """A GET, as whoever holds the token if there is one."""
        return await self._send(request("GET", path, self.port, token))

    async def post(self, path: str, token: str | None, content: Any) -> Response:
        """A POST of JSON, as whoever holds the token if there is one."""
        return await self._send(request("POST", path, self.port, token, orjson.dumps(content)))

    async def form(self, path: str, fields: Mapping[str, str]) -> Response:
        """A POST of a form."""
        body = urlencode(fields).encode()
        return await self._send(request("POST", path, self.port, None, body, "application/x-www-form-urlencoded"))

    async def graphql(self, token: str, query: str, **variables: Any) -> Response:
        """An operation."""
        return await self.post("/graphql", token, {"query": query, "variables": variables})

    def close(self) -> None:
        """Close the kept connections."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def _send(self, request: bytes) -> Response:
        reader, writer = await self._connection()
        try:
            async with asyncio.timeout(PATIENCE):
                started = time.monotonic()
                writer.write(request)
                status, body = await _answer(reader)
        except BaseException:
            writer.close()
            raise
        self._idle.append((reader, writer))
        return Response(status, body, started, time.monotonic())

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)


def request(
    method: str,
    path: str,
    port: int,
    token: str | None,
    body: bytes = b"",
    kind: str = "application/json",
    also: str = "",
) -> bytes:
    """The bytes of a request, from a client of ours; ``also`` are further header lines."""
    lines = [f"{method} {path} HTTP/1.1", f"host: 127.0.0.1:{port}", "x-portico-client: checker"]
    lines += [f"authorization: Bearer {token}"] if token else []
    lines += [f"content-type: {kind}", f"content-length: {len(body)}"] if body else []
    return "\r\n".join([*lines, *filter(None, [also]), "", ""]).encode() + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, found, rest = head.partition(b"content-length:")
    length = int(rest.partition(b"\r\n")[0]) if found else 0
    return int(head[9:12]), await reader.readexactly(length)


class Closed(Exception):
    """The socket was closed before what was waited for came."""


class Socket(asyncio.Protocol):
    """A graphql-transport-ws socket of its own implementation.

    ``on_event`` is called with each event the moment it is read. Pings are WebSocket's own: they are answered by the
    protocol itself, and their pongs are seen in one order with the events.
    """

    def __init__(self, port: int, on_event: Callable[[Socket, str, bytes], None]) -> None:
        self.port = port
        self.clear_of = 0.0
        self.code: int | None = None
        self.closed = asyncio.Event()
        self._on_event = on_event
        self._conn = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/graphql"), subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]
        self._transport: asyncio.Transport | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ids = itertools.count(1)
        self._pings: dict[bytes, tuple[float, asyncio.Future[None]]] = {}
        self._answers: dict[str, asyncio.Future[bytes]] = {}

    @classmethod
    async def open(cls, port: int, token: str, on_event: Callable[[Socket, str, bytes], None]) -> Socket:
        """A socket that is signed in."""
        loop = asyncio.get_running_loop()
        made = cls(port, on_event)
        await loop.create_connection(lambda: made, "127.0.0.1", port)
        async with asyncio.timeout(PATIENCE):
            await made._ready
            acknowledged = made._answers["ack"] = loop.create_future()
            made._say({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
            await acknowledged
        return made

    def subscribe(self, id: str, query: str, variables: Mapping[str, Any] | None = None) -> None:
        """Open a subscription."""
        self._say({"id": id, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    async def query(self, query: str, variables: Mapping[str, Any]) -> tuple[float, bytes]:
        """Run an operation over the socket: when it was sent, and its answer. Closed if there will be none."""
        if self.closed.is_set():
            raise Closed
        id = f"q{next(self._ids)}"
        answer = self._answers[id] = asyncio.get_running_loop().create_future()
        started = time.monotonic()
        self.subscribe(id, query, variables)
        try:
            async with asyncio.timeout(PATIENCE):
                return started, await answer
        finally:
            self._answers.pop(id, None)

    async def ping(self) -> None:
        """Return with the pong: all that was written before it has been read."""
        if self.closed.is_set():
            raise Closed
        payload = b"%d" % next(self._ids)
        pong: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pings[payload] = (time.monotonic(), pong)
        self._conn.send_ping(payload)
        self._flush()
        async with asyncio.timeout(PATIENCE):
            await pong

    def close(self) -> None:
        """Leave without a word."""
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._conn.send_request(self._conn.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._conn.receive_data(data)
        for event in self._conn.events_received():
            if isinstance(event, Handshake):
                self._shaken()
            elif isinstance(event, Frame):
                self._frame(event)
        self._flush()

    def connection_lost(self, _error: Exception | None) -> None:
        self.closed.set()
        waiting = [self._ready, *(pong for _, pong in self._pings.values()), *self._answers.values()]
        for future in waiting:
            if not future.done():
                future.set_exception(Closed())
                # Nobody may be waiting for it any more.
                future.exception()

    def _shaken(self) -> None:
        if self._ready.done():
            return  # Whoever opened the socket has given up meanwhile.
        if self._conn.handshake_exc is None:
            self._ready.set_result(None)
        else:
            self._ready.set_exception(self._conn.handshake_exc)

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT:
            self._text(bytes(frame.data))
        elif frame.opcode is Opcode.PONG and bytes(frame.data) in self._pings:
            sent, pong = self._pings.pop(bytes(frame.data))
            self.clear_of = max(self.clear_of, sent)
            if not pong.done():
                pong.set_result(None)
        elif frame.opcode is Opcode.CLOSE:
            self.code = int.from_bytes(bytes(frame.data)[:2], "big")
            self.closed.set()
            assert self._transport is not None
            self._transport.close()

    def _text(self, text: bytes) -> None:
        message = orjson.loads(text)
        kind, id = message["type"], message.get("id", "")
        if kind == "connection_ack":
            ack = self._answers.pop("ack")
            if not ack.done():
                ack.set_result(b"")
        elif kind == "ping":
            self._say({"type": "pong"})
        elif kind in ("next", "error"):
            answer = self._answers.get(id)
            if answer is None:
                self._on_event(self, id, text)
            elif not answer.done():
                answer.set_result(text)

    def _say(self, message: Any) -> None:
        self._conn.send_text(orjson.dumps(message))
        self._flush()

    def _flush(self) -> None:
        data = b"".join(self._conn.data_to_send())
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def refusals(body: bytes) -> Any:
    """The errors of a command's answer, of either kind."""
    content = orjson.loads(body)
    data = content.get("data") or {}
    return content.get("errors") or [error for one in data.values() if one for error in one.get("userErrors") or ()]
