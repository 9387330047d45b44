"""Stopping: ready no more, the sockets sent away group by group, what runs answered, and an end without error.

The service runs here as it is installed: the console script in a process of its own.
"""

import asyncio
import os
import signal
import socket as sockets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from tests.server.talking import PATIENCE, Raw, raw, until
from tests.world.mirror import plain
from tests.world.serving import Place

ROOT = Path(__file__).parents[2]
UPDATE = "mutation($input: UpdateSiteInput!) { updateSite(input: $input) { site { name } userErrors { code } } }"


class Served:
    """The console script, serving."""

    def __init__(self, place: Place, port: int, process: subprocess.Popen[str]) -> None:
        self.place = place
        self.port = port
        self.process = process

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, viewer: str) -> str:
        return self.place.world.tokens[viewer]

    def ready(self) -> bool:
        try:
            return httpx2.get(f"{self.origin}/health/ready", timeout=5).status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self, by: signal.Signals) -> None:
        os.kill(self.process.pid, by)


def bare(url: str, home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "DATABASE_URL": url, "PORTICO_HOME": str(home), **more}


@contextmanager
def served(place: Place, home: Path, workers: int) -> Iterator[Served]:
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "server", "serve", "--port", str(port), "--workers", str(workers)]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            command, env=bare(place.url, home), stdout=log, stderr=log, text=True, start_new_session=True
        )
    made = Served(place, port, process)
    try:
        ends = time.monotonic() + 90
        while not made.ready():
            assert time.monotonic() < ends, (home / "log").read_text()
            assert process.poll() is None, (home / "log").read_text()
            time.sleep(0.1)
        yield made
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    said = (home / "log").read_text()
    assert "Traceback" not in said, said


async def sent_away(one: Raw) -> tuple[int, float]:
    """With what code, and when."""
    while True:
        opcode, payload = await one.read()
        if opcode == 8:
            # A client closes when it is told to.
            one.write(8, payload[:2])
            return int.from_bytes(payload[:2], "big"), time.monotonic()


async def slowly(place: Served, client: httpx2.AsyncClient, site: str) -> Any:
    """A command that waits in the database for a row somebody else holds."""
    body = {"query": UPDATE, "variables": {"input": {"id": site, "name": "Far North"}}}
    headers = {"authorization": f"Bearer {place.token('administrator')}"}
    return await client.post("/graphql", json=body, headers=headers)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(300)
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", [1, 2])
async def test_a_process_drains(own_world: Place, tmp_path: Path, workers: int, by: signal.Signals) -> None:
    acme = own_world.world.tenants["acme"]
    site = own_world.mirror.one("Site", tenant=acme, name="North")["id"]
    with served(own_world, tmp_path, workers) as place:
        viewers = ("administrator", "dispatcher", "finance", "portal_manager")
        contexts = [raw(place, viewers[number % 4]) for number in range(500)]  # type: ignore[arg-type]
        opened: list[Raw] = []
        for first in range(0, 500, 50):
            opened += await asyncio.gather(*(context.__aenter__() for context in contexts[first : first + 50]))
        subscribe = {"id": "1", "type": "subscribe", "payload": {"query": "subscription { access { name } }"}}
        for one in opened:
            one.say(subscribe)
        for one in opened:
            assert b'"next"' in (await one.read())[1]
        async with httpx2.AsyncClient(base_url=place.origin, timeout=PATIENCE) as client:
            with psycopg.connect(plain(own_world.url)) as holder:
                holder.execute("select from site where id = %s for update", (site[4:],))
                answering = asyncio.create_task(slowly(place, client, site))
                await waits_for_lock(own_world)
                # A connection that is open already is still answered while the process drains.
                watched = Watched(*await asyncio.open_connection("127.0.0.1", place.port))
                assert await watched.status() == 200
                leaving = [asyncio.create_task(sent_away(one)) for one in opened]
                place.stop(by)
                soonest = asyncio.FIRST_COMPLETED if workers == 1 else asyncio.ALL_COMPLETED
                await asyncio.wait(leaving, return_when=soonest)
                assert await watched.status() != 200  # Whoever was sent away is not sent here again.
                ends = await asyncio.gather(*leaving)
                assert {code for code, _ in ends} == {1012}
                when = sorted(at for _, at in ends)
                assert when[-1] - when[0] >= 0.04
                assert place.process.poll() is None
                assert not answering.done()
                watched.writer.transport.abort()
            answer = await answering
        assert answer.json() == {"data": {"updateSite": {"site": {"name": "Far North"}, "userErrors": []}}}
        assert await asyncio.to_thread(place.process.wait, 30) == 0
        for context in reversed(contexts):
            await context.__aexit__(None, None, None)
    with psycopg.connect(plain(own_world.url)) as connection:
        assert connection.execute("select count(*) from node_lease").fetchone() == (0,)


async def waits_for_lock(place: Place) -> None:
    with psycopg.connect(plain(place.url), autocommit=True) as connection:
        await until(lambda: connection.execute("select from pg_locks where not granted").fetchone() is not None)


class Watched:
    """Asks on one connection, opened while the process took new ones, whether it is ready."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def status(self) -> int:
        try:
            self.writer.write(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0
        return int(head[9:12])


async def test_a_draining_process_says_so_and_takes_no_sockets(own_station) -> None:
    deck = own_station.process.deck
    async with raw(own_station, "administrator") as one:
        deck.draining = True
        response = own_station.http.get("/health/ready")
        assert (response.status_code, response.json()["checks"]["not_draining"]) == (503, False)
        assert own_station.http.get("/health/live").status_code == 200
        async with raw(own_station) as another:
            assert await another.closed() == 1012
        one.say({"type": "ping"})
        assert (await one.read())[1] == b'{"type":"pong"}'
        deck.draining = False


# What a start refuses.


def start(url: str, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", "serve", "--port", "0"]
    return subprocess.run(command, env=bare(url, home), capture_output=True, text=True, timeout=120, check=False)


def test_a_database_without_the_tables_is_not_served(empty_database_url: str, tmp_path: Path) -> None:
    ended = start(empty_database_url, tmp_path)
    assert ended.returncode == 1
    assert "DATABASE_NOT_MIGRATED" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def test_a_database_that_may_lose_commits_is_not_served(fresh_database_url: str, tmp_path: Path) -> None:
    name = fresh_database_url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(plain(fresh_database_url), autocommit=True) as connection:
        connection.execute(f"alter database {name} set synchronous_commit = off")
    ended = start(fresh_database_url, tmp_path)
    assert ended.returncode == 1
    assert "DATABASE_SYNCHRONOUS_COMMIT_OFF" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
