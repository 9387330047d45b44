"""One contestant, one query, so many connections: requests, times, and processor time by the system's accounts."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.peers.contestants import Contestant
from bench.peers.load import Sample, drive
from bench.peers.queries import Asked, raw_request
from bench.stage import percentile, postgres_cpu

WARM = 0.3


@dataclass
class Cost:
    """What some requests took: seconds of processor time, statements, bytes, and how long each caller waited."""

    requests: int = 0
    seconds: float = 0.0
    app: float = 0.0
    postgres: float = 0.0
    statements: int = 0
    bytes: int = 0
    times: list[float] = field(default_factory=list[float], repr=False)

    def add(self, other: Cost) -> None:
        """Count another round in."""
        for name in ("requests", "seconds", "app", "postgres", "statements", "bytes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.times += other.times

    @property
    def cpu(self) -> float:
        """Milliseconds of processor time a request, application and PostgreSQL together."""
        return (self.app + self.postgres) / self.requests * 1e3

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    def row(self) -> dict[str, float | int]:
        """The figures as they are published."""
        count = self.requests
        return {
            "requests_per_s": round(self.rate, 1),
            "p50_ms": round(percentile(self.times, 0.50) * 1e3, 3),
            "p99_ms": round(percentile(self.times, 0.99) * 1e3, 3),
            "cpu_ms_app": round(self.app / count * 1e3, 4),
            "cpu_ms_postgres": round(self.postgres / count * 1e3, 4),
            "statements": round(self.statements / count, 2),
            "bytes": round(self.bytes / count),
        }


class Range:
    """Where contestants are measured: one database, and a load generator that is a process of its own."""

    def __init__(self, url: str, generator: Executor, warming: float) -> None:
        self._url = url
        self._generator = generator
        self._warming = warming
        self._warm: set[tuple[str, bytes]] = set()

    async def cost(self, one: Contestant, asked: Iterable[Asked], concurrency: int, seconds: float) -> Cost:
        """What the requests cost while so many connections send them for some seconds, after a moment to get warm."""
        requests = [raw_request(each, one.ask) for each in asked]
        if (one.name, requests[0]) not in self._warm:
            await self._drive(one, requests, 10, self._warming, len(requests))
            self._warm.add((one.name, requests[0]))
        await self._drive(one, requests, concurrency, WARM)
        statements, app, postgres = one.statements(), one.cpu(), postgres_cpu(self._url)
        sample = await self._drive(one, requests, concurrency, seconds)
        app, postgres = one.cpu() - app, postgres_cpu(self._url) - postgres
        counted = one.statements() - statements
        return Cost(sample.requests, sample.seconds, app, postgres, counted, sample.bytes, sample.times)

    async def _drive(self, one: Contestant, requests: list[bytes], concurrency: int, *rest: float) -> Sample:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._generator, drive, one.node.port, requests, concurrency, *rest)


@asynccontextmanager
async def measuring(url: str, warming: float) -> AsyncIterator[Range]:
    """A range on this database; every contestant first answers each request once, uncounted."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as generator:
        yield Range(url, generator, warming)
