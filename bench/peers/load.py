"""A load generator that does next to nothing: prepared bytes out, the end of the answer found, the time noted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast

import uvloop

PATIENCE = 60


@dataclass
class Sample:
    """What was seen of a contestant in some seconds."""

    requests: int
    seconds: float
    bytes: int
    times: list[float] = field(repr=False)


@dataclass
class Supply:
    """The requests, in turn, shared by all connections, until the time is over and so many have been sent."""

    requests: Iterator[bytes]
    ends: float
    least: int

    def next(self) -> bytes | None:
        """The next request; None if it is over."""
        if self.least <= 0 and time.perf_counter() >= self.ends:
            return None
        self.least -= 1
        return next(self.requests)


def drive(port: int, requests: list[bytes], concurrency: int, seconds: float, least: int = 1) -> Sample:
    """Keep so many connections busy for some seconds. Runs in a process of its own."""
    return uvloop.run(_drive(port, requests, concurrency, seconds, least))


async def _drive(port: int, requests: list[bytes], concurrency: int, seconds: float, least: int) -> Sample:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    supply = Supply(cycle(requests), began + seconds, max(least, concurrency))
    crowd = [Caller(supply) for _ in range(concurrency)]
    for one in crowd:
        await loop.create_connection(lambda one=one: one, "127.0.0.1", port)
    async with asyncio.timeout(seconds + PATIENCE):
        await asyncio.gather(*(one.done for one in crowd))
    times = [one for caller in crowd for one in caller.times]
    return Sample(len(times), time.perf_counter() - began, sum(one.received for one in crowd), times)


class Caller(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last is complete."""

    def __init__(self, supply: Supply) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.times: list[float] = []
        self.received = 0
        self._supply = supply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        self._tail = (self._tail + data)[-5:]
        if self._expected == 0:
            self._head += data
            try:
                self._expected = expected(self._head)
            except RuntimeError as error:
                self.done.set_exception(error)
                self._transport.abort()
                return
        if (self._expected > 0 and self._size >= self._expected) or (self._expected < 0 and self._tail == b"0\r\n\r\n"):
            self._answered()

    def _answered(self) -> None:
        self.times.append(time.perf_counter() - self._began)
        self.received += self._size
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("a contestant closed the connection"))

    def _send(self) -> None:
        request = self._supply.next()
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._head, self._tail, self._size, self._expected = b"", b"", 0, 0
        self._began = time.perf_counter()
        self._transport.write(request)


def expected(head: bytes) -> int:
    """The bytes of the whole answer; 0 while its head is incomplete, -1 if only its end will tell."""
    end = head.find(b"\r\n\r\n")
    if end < 0:
        return 0
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head[:200].decode("latin-1"))
    lower = head[:end].lower()
    at = lower.find(b"content-length:")
    return end + 4 + int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else -1
