"""A database and server processes to measure, and what they cost by the accounts of the operating system."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import NullPool, create_engine, make_url, text

from server.migrate import upgrade
from server.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[1]
SECRET = "b" * 40


@contextmanager
def database() -> Iterator[str]:
    """A migrated database of its own: on TEST_DATABASE_URL's server, or on an embedded one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        with _own(given) as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "home") as server, _own(server.start()) as url:
            yield url


@contextmanager
def _own(server: str) -> Iterator[str]:
    name = f"portico_bench_{secrets.token_hex(4)}"
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name} template template0 encoding 'UTF8'"))
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    try:
        upgrade(url)
        yield url
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))


@dataclass
class Node:
    """One server process."""

    process: subprocess.Popen[bytes]
    port: int

    def memory(self) -> int:
        """Resident bytes."""
        return psutil.Process(self.process.pid).memory_info().rss

    def cpu(self) -> float:
        """Seconds of processor time since it began."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system


@asynccontextmanager
async def serving(url: str, count: int, **environment: str) -> AsyncIterator[list[Node]]:
    """``count`` server processes on the database."""
    nodes = [_start(url, environment) for _ in range(count)]
    try:
        for node in nodes:
            await _ready(node)
        yield nodes
    finally:
        for node in nodes:
            node.process.send_signal(signal.SIGTERM)
        for node in nodes:
            node.process.wait(30)


def _start(url: str, environment: dict[str, str]) -> Node:
    port = free_port()
    given = {
        "PORTICO_DATABASE_URL": url,
        "PORTICO_PORT": str(port),
        "PORTICO_SECRET": SECRET,
        "PORTICO_LOG_LEVEL": "ERROR",
        **environment,
    }
    command = [
        sys.executable,
        "-c",
        "from server.serve import run; from server.settings import load_settings; run(load_settings())",
    ]
    process = subprocess.Popen(command, env=os.environ | given, cwd=ROOT)
    return Node(process, port)


async def _ready(node: Node) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.write(b"GET /health/ready HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        if b" 200 " in answer.split(b"\r\n", 1)[0]:
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("a server process did not get ready")


def postgres_cpu(url: str) -> float:
    """Seconds of processor time of all PostgreSQL processes of the server behind ``url``, ended ones' included."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        backend: int = connection.execute(text("select pg_backend_pid()")).scalar_one()
        main = psutil.Process(backend).parent()
        assert main is not None
        total = 0.0
        for one in [main, *main.children()]:
            try:
                times = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        own = main.cpu_times()
        return total + own.children_user + own.children_system


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
