"""Starting, freezing, thawing and killing server processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.promise.client import Http
from tests.promise.node import PLANTED

ROOT = Path(__file__).parents[2]
READY_WITHIN = 90.0


@dataclass(eq=False)
class Node:
    """One server process."""

    pid: int
    port: int
    log: Path

    def __post_init__(self) -> None:
        self.http = Http(self.port)

    def freeze(self) -> None:
        """Stop it where it stands, as a paused machine would."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it with no chance to say anything."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def alive(self) -> bool:
        """Whether there is still such a process."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    async def ready(self) -> None:
        """Return when it can serve."""
        ends = time.monotonic() + READY_WITHIN
        while time.monotonic() < ends and self.alive():
            with suppress(OSError, EOFError):
                if (await self.http.get("/health/ready")).status == 200:
                    return
            await asyncio.sleep(0.02)
        raise RuntimeError(f"A server process did not get ready:\n{self.log.read_text()[-4000:]}")

    async def stop(self) -> None:
        """End it politely."""
        self.http.close()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)
            os.kill(self.pid, signal.SIGTERM)
        ends = time.monotonic() + 5
        while self.alive() and time.monotonic() < ends:  # noqa: ASYNC110  (Another process has no event to wait for.)
            await asyncio.sleep(0.02)
        self.kill()


class Nursery:
    """The process all server processes are forked from, so that each is there in a moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.promise.node"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def close(self) -> None:
        """End the nursery, and with it whatever was born there and is still alive."""
        self._process.communicate()

    async def bear(
        self,
        database_url: str,
        *,
        planted: Iterable[str] = (),
        lease: float = 3.0,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> Node:
        """A new server process on the database."""
        port = _free_port()
        log = self._folder / f"node-{port}.log"
        environment = {
            "PORTICO_DATABASE_URL": database_url,
            "PORTICO_HOST": "127.0.0.1",
            "PORTICO_PORT": str(port),
            "PORTICO_HOME": str(self._folder),
            "PORTICO_SECRET": "p" * 40,
            "PORTICO_LEASE_SECONDS": str(lease),
            "PORTICO_LOG_LEVEL": "WARNING",
            "PORTICO_GRAPHIQL": "0",
            PLANTED: ",".join(planted),
            **settings,
        }
        said = await asyncio.to_thread(self._order, {"environment": environment, "log": str(log)})
        return Node(int(said), port, log)

    def _order(self, order: Mapping[str, Any]) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    @asynccontextmanager
    async def nodes(self, database_url: str, count: int = 2, **how: Any) -> AsyncIterator[Sequence[Node]]:
        """Some server processes, ready to serve; ``how`` is as for ``bear``."""
        born = [await self.bear(database_url, **how) for _ in range(count)]
        try:
            await asyncio.gather(*(node.ready() for node in born))
            yield born
        except BaseException as error:
            # The logs go with the folder; whatever went wrong, they may say why.
            for node in born:
                error.add_note(f"The log of {node.port} ends with:\n{node.log.read_text()[-8000:]}")
            raise
        finally:
            await asyncio.gather(*(node.stop() for node in born))


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery with a folder for the logs of its processes."""
    with tempfile.TemporaryDirectory(prefix="portico-nodes-") as folder:
        made = Nursery(Path(folder))
        try:
            yield made
        finally:
            made.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
