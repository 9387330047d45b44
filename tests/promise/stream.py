"""A stream of server-sent events, of which it is known what had been delivered at any moment."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import orjson

from tests.promise.client import PATIENCE, Closed, request

_AT_ONCE = 1 << 18
_DELIVERED_WITHIN = 0.01
"""What a process of this machine has written is in our kernel's hands long before."""


class Stream:
    """One subscription over one response.

    Nothing comes back along a stream that could be waited for, as a pong is. So its socket is read empty on demand:
    whatever is read afterwards was written afterwards.
    """

    def __init__(self, port: int, on_event: Callable[[Stream, str, bytes], None]) -> None:
        self.port = port
        self.clear_of = 0.0
        self.closed = asyncio.Event()
        self._on_event = on_event
        self._rest = b""
        self._opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._socket = socket.socket()
        self._socket.setblocking(False)

    @classmethod
    async def open(cls, port: int, token: str, query: str, on_event: Callable[[Stream, str, bytes], None]) -> Stream:
        """A stream that has begun; Closed if it was refused."""
        loop, made = asyncio.get_running_loop(), cls(port, on_event)
        body = orjson.dumps({"query": query})
        asked = request("POST", "/graphql", port, token, body, also="accept: text/event-stream")
        async with asyncio.timeout(PATIENCE):
            await loop.sock_connect(made._socket, ("127.0.0.1", port))
            await loop.sock_sendall(made._socket, asked)
            loop.add_reader(made._socket, made._read)
            if await made._opened != 200:
                made.close()
                raise Closed
        return made

    async def ping(self) -> None:
        """Return when all that was written before has been read."""
        if self.closed.is_set():
            raise Closed
        asked = time.monotonic()
        await asyncio.sleep(_DELIVERED_WITHIN)
        if not self.closed.is_set():
            self._read()
        self.clear_of = max(self.clear_of, asked)

    def close(self) -> None:
        """Leave without a word."""
        if not self.closed.is_set():
            self.closed.set()
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()

    def _read(self) -> None:
        try:
            while data := self._socket.recv(_AT_ONCE):
                self._rest += data
                self._take_in()
        except BlockingIOError:
            return
        except OSError:
            pass
        self.close()
        if not self._opened.done():
            self._opened.set_result(0)

    def _take_in(self) -> None:
        if not self._opened.done():
            head, found, rest = self._rest.partition(b"\r\n\r\n")
            if not found:
                return
            self._opened.set_result(int(head[9:12]))
            self._rest = rest
        while (chunk := self._chunk()) is not None:
            _, found, payload = chunk.partition(b"event: next\ndata: ")
            if found:
                self._on_event(self, "access", payload)

    def _chunk(self) -> bytes | None:
        """The next whole chunk of the response."""
        size, found, rest = self._rest.partition(b"\r\n")
        with suppress(ValueError):
            length = int(size, 16)
            if found and len(rest) >= length + 2:
                self._rest = rest[length + 2 :]
                return rest[:length]
        return None
