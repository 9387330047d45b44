"""A service with all that belongs to a letter: a mail server that takes it, a worker, and a clock in our hand."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx2
import pytest
from aiosmtpd.controller import Controller

from tests.server.talking import Station, stationed
from tests.world.serving import Place

GENUINE = {"x-portico-client": "test"}
PATIENCE = 30.0
MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass
class Hand:
    """A clock that stands where it is put."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now


@dataclass
class PostBox:
    """Takes letters as a mail server does, and keeps them."""

    letters: list[EmailMessage] = field(default_factory=list[EmailMessage])
    refusing: str | None = None
    _news: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refusing is not None:
            return self.refusing
        with self._news:
            letter = message_from_bytes(envelope.content, policy=default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
            self._news.notify_all()
        return "250 OK"

    def letter(self, number: int) -> EmailMessage:
        """The letter of this number, counted from 1, as soon as it has come."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.letters) >= number, PATIENCE), [
                one["Subject"] for one in self.letters
            ]
            return self.letters[number - 1]


def text_of(letter: EmailMessage) -> str:
    """The words of a letter."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def token_in(letter: EmailMessage) -> str:
    """The token of the link in a letter."""
    found = re.findall(r"https?://\S+#(\S+)", text_of(letter))
    assert len(found) == 1, text_of(letter)
    return found[0]


def password_in(letter: EmailMessage) -> str:
    """The temporary password in a letter."""
    found = re.findall(r"^ {4}(\S+)$", text_of(letter), re.MULTILINE)
    assert len(found) == 1, text_of(letter)
    return found[0]


@contextmanager
def mail_server(box: PostBox) -> Generator[str]:
    """A mail server on this machine; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


@dataclass
class House:
    """A served process with its post."""

    station: Station
    clock: Hand
    box: PostBox
    stack: ExitStack

    def browser(self) -> Browser:
        """A browser nobody is signed in to."""
        return Browser(self.stack.enter_context(httpx2.Client(base_url=self.station.origin, timeout=PATIENCE)))


@dataclass
class Browser:
    """Keeps its cookie and speaks as a page of ours."""

    http: httpx2.Client

    def post(self, path: str, **content: Any) -> tuple[int, Any]:
        """Status and body."""
        answer = self.http.post(path, json=content, headers=GENUINE)
        return answer.status_code, answer.json() if answer.content else None

    def refused(self, path: str, **content: Any) -> tuple[int, str]:
        """Status and code of a refusal."""
        status, body = self.post(path, **content)
        return status, body["error"]["code"]

    def standing(self) -> tuple[bool, str | None]:
        """Whether somebody is signed in, and what the session needs."""
        answer = self.http.get("/auth/session", headers=GENUINE).json()
        return answer["signedIn"], answer["needs"]

    def ask(self, query: str) -> Any:
        """The answer of the graph to whoever is signed in here."""
        return self.http.post("/graphql", json={"query": query}, headers=GENUINE).json()


@contextmanager
def posted(place: Place, folder: Any, **settings: Any) -> Generator[House]:
    """A house over the database of ``place``, which does its tasks itself."""
    box, clock = PostBox(), Hand()
    with mail_server(box) as url:
        given = {"smtp_url": url, "mail_from": "Portico <portal@portico.example>", "worker_inside": True, **settings}
        with stationed(place, folder, clock, **given) as station, ExitStack() as stack:
            yield House(station, clock, box, stack)


@pytest.fixture
def house(own_world: Place, tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    """A house for one test."""
    with posted(own_world, tmp_path_factory.mktemp("home")) as made:
        yield made


def until(done: Callable[[], object]) -> None:
    """Return once ``done``; it is a fact of a worker, which tells nobody."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)
