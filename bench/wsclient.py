"""A WebSocket client that costs almost nothing, so that thousands of them measure the server and not themselves."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

import orjson

_MASK = b"\x00\x00\x00\x00"


class LightSocket(asyncio.Protocol):
    """One graphql-transport-ws socket with one subscription; every frame is handed over with the time it came."""

    def __init__(self, token: str, document: str, variables: object, heard: Callable[[bytes, float], None]) -> None:
        self._token = token
        self._payload = {"query": document, "variables": variables}
        self._heard = heard
        self._buffer = b""
        self._upgraded = False
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        key = os.urandom(16).hex()[:22] + "=="
        self._transport.write(
            b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"
            b"Sec-WebSocket-Key: " + key.encode() + b"\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        self._buffer += data
        if not self._upgraded:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self._fail(head.decode(errors="replace"))
                return
            self._upgraded, self._buffer = True, rest
            self._say({"type": "connection_init", "payload": {"authorization": f"Bearer {self._token}"}})
        while (frame := self._frame()) is not None:
            self._take(frame, at)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"connection lost: {exc}")

    def close(self) -> None:
        """Drop the connection."""
        self._transport.abort()

    def _frame(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + length:
            return None
        kind, payload = buffer[0] & 15, buffer[start : start + length]
        self._buffer = buffer[start + length :]
        if kind == 9:
            self._send(10, payload)
            return b""
        return payload if kind == 1 else b""

    def _take(self, frame: bytes, at: float) -> None:
        if not frame:
            return
        if frame.startswith(b'{"type":"connection_ack"'):
            self._say({"id": "1", "type": "subscribe", "payload": self._payload})
            return
        if not self.subscribed.done():
            # The first frame of a subscription says that it is open.
            self.subscribed.set_result(None)
            return
        self._heard(frame, at)

    def _fail(self, why: str) -> None:
        if not self.subscribed.done():
            self.subscribed.set_exception(RuntimeError(why))

    def _say(self, message: object) -> None:
        self._send(1, orjson.dumps(message))

    def _send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([128 | kind, 128 | size]) if size < 126 else bytes([128 | kind, 254]) + size.to_bytes(2, "big")
        self._transport.write(head + _MASK + payload)


async def open_socket(
    port: int, token: str, document: str, variables: object, heard: Callable[[bytes, float], None]
) -> LightSocket:
    """An open socket whose subscription has begun."""
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: LightSocket(token, document, variables, heard), "127.0.0.1", port)
    await socket.subscribed
    return socket
