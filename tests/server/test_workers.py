"""Several processes behind one socket: all of them serve, one that dies is replaced, and they stop together."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import psutil
import pytest
from sqlalchemy import NullPool, create_engine, text

PROGRAM = "from server.serve import run; from server.settings import load_settings; run(load_settings())"
WITHIN = 300  # Three interpreters have to start, on a machine that may be busy.


@pytest.mark.slow
@pytest.mark.alone
def test_two_processes_serve_and_are_replaced(fresh_database_url: str, tmp_path: Path) -> None:
    port = free_port()
    given = {"DATABASE_URL": fresh_database_url, "HOME": str(tmp_path), "PORT": str(port), "WORKERS": "2"}
    environment = {**os.environ, **{f"PORTICO_{name}": value for name, value in given.items()}}
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as parent:
        try:
            wait_for(lambda: ready(port) and leases(fresh_database_url) == 2)
            workers(parent.pid)[0].kill()
            # The lease of the one that was killed stays until somebody has waited for it in vain.
            wait_for(lambda: leases(fresh_database_url) == 3)
            parent.terminate()
            assert parent.wait(WITHIN) == 0
        finally:
            parent.kill()
    assert leases(fresh_database_url) == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def workers(parent: int) -> list[psutil.Process]:
    return [one for one in psutil.Process(parent).children() if "spawn_main" in " ".join(one.cmdline())]


def ready(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/ready").is_success
    except httpx2.TransportError:
        return False


def leases(url: str) -> int:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.scalar(text("select count(*) from node_lease")) or 0


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + WITHIN
    while not done():
        assert time.monotonic() < end
        time.sleep(0.2)
