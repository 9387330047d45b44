"""The service as its own process, and viewers who talk to it over HTTP and one long socket each."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path as Folder
from typing import Any

import httpx2
import psycopg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.world.mirror import plain
from tests.world.serving import Place

RUN = "from server.serve import run\nfrom server.settings import load_settings\nrun(load_settings())"
STARTS_WITHIN = 30.0
PUSHED_WITHIN = 10.0


@contextmanager
def served(place: Place, home: Folder) -> Iterator[str]:
    """The address of a process that serves the world of ``place``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = {
        "DATABASE_URL": place.url,
        "PORTICO_HOST": "127.0.0.1",
        "PORTICO_PORT": str(port),
        "PORTICO_HOME": str(home),
        "PORTICO_SECRET": secrets.token_urlsafe(32),
        "PORTICO_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-c", RUN], env={**os.environ, **told})
    try:
        _wait(process, port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx2.HTTPError):
            if httpx2.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the service did not become ready")


def new_token(place: Place, user: str) -> str:
    """A new session of a user, entered where sessions are kept."""
    row = place.mirror.rows["User"][user]
    raw = uuid.UUID(row["tenant"][4:]).bytes + secrets.token_bytes(32)
    with psycopg.connect(plain(place.url), autocommit=True) as connection:
        connection.execute(
            "insert into session (tenant_id, id, user_id, kind, secret_hash, expires_at)"
            " values (%s, %s, %s, 'TOKEN', %s, now() + interval '1 day')",
            (uuid.UUID(row["tenant"][4:]), uuid.uuid4(), uuid.UUID(user[4:]), hashlib.sha256(raw).digest()),
        )
    return _b64(raw)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Line:
    """One viewer's long socket with a subscription to their access."""

    address: str
    token: str
    subscription: str
    socket: ClientConnection = field(init=False)
    stack: ExitStack = field(default_factory=ExitStack)
    last: Any = None

    def __post_init__(self) -> None:
        url, protocols = f"ws://{self.address}/graphql", [Subprotocol("graphql-transport-ws")]
        self.socket = self.stack.enter_context(connect(url, subprotocols=protocols, max_size=None))
        self._say(type="connection_init", payload={"authorization": f"Bearer {self.token}"})
        assert json.loads(self.socket.recv(PUSHED_WITHIN))["type"] == "connection_ack"
        self._say(id="access", type="subscribe", payload={"query": self.subscription})
        self.asked = 0
        self.answers: dict[str, Any] = {}

    def _say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def next(self, timeout: float) -> Any | None:
        """The next push, or None if none comes in time. Answers to what was asked meanwhile are put aside."""
        try:
            message = json.loads(self.socket.recv(timeout))
        except TimeoutError:
            return None
        if message["type"] == "next" and message["id"] == "access":
            self.last = message["payload"]
            return self.last
        if message["type"] == "next":
            self.answers[message["id"]] = message["payload"]
        else:
            assert message["type"] in ("complete", "pong"), message
        return self.next(timeout)

    def ask(self, document: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The answer to a query or mutation over this very socket."""
        self.asked += 1
        id = f"q{self.asked}"
        self._say(id=id, type="subscribe", payload={"query": document, "variables": dict(variables or {})})
        until = time.monotonic() + PUSHED_WITHIN
        while id not in self.answers and time.monotonic() < until:
            self.next(0.02)
        return self.answers.pop(id)

    def close(self) -> None:
        self.stack.close()

    def closed(self) -> int | None:
        """The code the server closes the socket with, reading on until it does."""
        try:
            while self.socket.recv(PUSHED_WITHIN):
                pass
        except ConnectionClosed:
            return self.socket.close_code
        except TimeoutError:
            return None
        return None


@dataclass
class Caller:
    """Asks over HTTP as one of the viewers."""

    address: str
    tokens: dict[str, str]
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=20))

    def __call__(self, viewer: str, document: str, variables: Mapping[str, Any] | None = None) -> Any:
        answer = self.client.post(
            f"http://{self.address}/graphql",
            json={"query": document, "variables": dict(variables or {})},
            headers={"authorization": f"Bearer {self.tokens[viewer]}"},
        )
        return answer.json()
