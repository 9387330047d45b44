"""Known and unknown accounts take the same work: as many hashes, as many statements, the same answer."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from auth import onetime, passwords
from auth.sessions import new_token
from models import UserStatus
from server.process import Process
from tests.server.entering import Browser, Browsing, forget_attempts


class Work:
    """What a process was seen to do."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.hashes = 0

    def done(self) -> tuple[list[str], int]:
        """What was done since it was asked last."""
        found = [" ".join(one.split()) for one in self.statements], self.hashes
        self.statements, self.hashes = [], 0
        return found


@pytest.fixture
def work(process: Process, browsing: Browsing, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    # What a process does once, at its first request, is done.
    browsing().post("/auth/sign-in", email="first@nowhere.example", password="wrong password")
    browsing().post("/auth/reset/request", email="first@nowhere.example")
    made = Work()
    verify = passwords._matches

    def counted(password: str, stored: str | None) -> bool:
        made.hashes += 1
        return verify(password, stored)

    def told(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        # The log is read by the clock, whatever is asked.
        if not re.search(r"\bevent\b|event_log|pg_current_snapshot", statement) and "app.relay" not in str(parameters):
            made.statements.append(statement)

    monkeypatch.setattr(passwords, "_matches", counted)
    event.listen(process.engine.sync_engine, "before_cursor_execute", told)
    yield made
    event.remove(process.engine.sync_engine, "before_cursor_execute", told)


def told_by(browser: Browser, path: str, content: dict[str, Any]) -> Any:
    response = browser.post(path, **content)
    headers = sorted(name for name in response.headers if name not in ("date", "x-request-id"))
    error = response.json().get("error", response.json())
    return response.status_code, headers, {name: value for name, value in error.items() if name != "requestId"}


def test_signing_in(browsing: Browsing, work: Work, enrol: Any) -> None:
    known, suspended, without = enrol(), enrol(status=UserStatus.SUSPENDED), enrol(password_hash=None)
    browser = browsing()
    work.done()
    asked = [
        {"email": "nobody@nowhere.example", "password": "wrong password"},
        {"email": known.email, "password": "wrong password"},
        {"email": known.email, "password": known.password, "tenant": "another"},
        {"email": suspended.email, "password": suspended.password},
        {"email": suspended.email, "password": "wrong password"},
        {"email": without.email, "password": "wrong password"},
    ]
    answers = []
    for content in asked:
        said = told_by(browser, "/auth/sign-in", content)
        answers.append((said, *work.done()))
    for answer in answers:
        assert answer == answers[0]
    assert answers[0][2] == 1


def test_temporary_passwords(browsing: Browsing, work: Work, enrol: Any) -> None:
    """What looks like one is looked for, whether or not there is an account."""
    typed, browser = onetime.password_of(uuid.uuid4(), secrets.token_bytes(32))[0], browsing()
    work.done()
    answers = []
    for email in ("nobody@nowhere.example", enrol().email):
        said = told_by(browser, "/auth/sign-in", {"email": email, "password": typed})
        answers.append((said, *work.done()))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("path", "name"), [("/auth/reset/request", "email"), ("/auth/passkey/options", "nothing")], ids=["reset", "passkey"]
)
def test_asking_for_something(browsing: Browsing, work: Work, enrol: Any, path: str, name: str) -> None:
    browser = browsing()
    work.done()
    answers = []
    for email in ("nobody@nowhere.example", enrol().email, enrol(status=UserStatus.SUSPENDED).email):
        status, headers, said = told_by(browser, path, {name: email})
        answers.append((status, headers, sorted(said), *work.done()))
    assert all(answer == answers[0] for answer in answers), answers


def test_waiting(browsing: Browsing, enrol: Any, superuser: Engine) -> None:
    """Whoever guesses is slowed down alike, and told alike how long to wait."""
    browser = browsing()
    answers = []
    for email in ("nobody@nowhere.example", enrol().email):
        forget_attempts(superuser)
        statuses = [told_by(browser, "/auth/sign-in", {"email": email, "password": "wrong"})[0] for _ in range(7)]
        answers.append(statuses)
    assert answers == [[401] * 6 + [429]] * 2


def test_links(browsing: Browsing, work: Work) -> None:
    """A link to an invitation nobody made, of a tenant that is there or not, is as dead as any."""
    browser = browsing()
    work.done()
    answers = []
    for tenant in (uuid.uuid4(), uuid.UUID(int=0)):
        said = told_by(browser, "/auth/invitation/look", {"token": new_token(tenant)[0]})
        answers.append((said, *work.done()))
    assert answers[0] == answers[1]
    assert answers[0][0][0] == 410
