"""A browser that signs in, and people whose second factors are known to the test."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pyotp
import pytest
from sqlalchemy import Engine, text

from auth.demands import FactorPolicy
from server.app import create_app
from server.process import Process
from server.settings import Settings

GENUINE = {"x-portico-client": "test"}
VIEWER = {"query": "{ viewer { id } }"}


class Clock:
    """The time a served process is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Browser:
    """A browser of its own at a served app: it keeps the cookie."""

    http: httpx2.Client
    clock: Clock

    def post(self, path: str, **content: Any) -> httpx2.Response:
        return self.http.post(path, json=content, headers=GENUINE)

    def get(self, path: str) -> httpx2.Response:
        return self.http.get(path, headers=GENUINE)

    def ok(self, path: str, **content: Any) -> Any:
        """The answer of a request that is granted."""
        response = self.post(path, **content)
        assert response.status_code in (200, 204), response.text
        return response.json() if response.content else None

    def refused(self, path: str, **content: Any) -> tuple[int, str]:
        """Status and code of one that is not."""
        response = self.post(path, **content)
        return response.status_code, response.json()["error"]["code"]

    def sign_in(self, person: Any) -> Any:
        return self.ok("/auth/sign-in", email=person.email, password=person.password)

    def standing(self) -> Any:
        return self.get("/auth/session").json()

    @property
    def token(self) -> str:
        return self.http.cookies["portico"]

    def acts(self, token: str | None = None) -> bool:
        """Whether the session can act in the graph."""
        headers = GENUINE | ({} if token is None else {"authorization": f"Bearer {token}"})
        return self.http.post("/graphql", json=VIEWER, headers=headers).status_code == 200

    def add_generator(self) -> tuple[pyotp.TOTP, list[str]]:
        """Set up a generator of codes; it, and the recovery codes that came with it."""
        generator = pyotp.TOTP(self.ok("/auth/totp/begin")["secret"])
        made = self.ok("/auth/totp/confirm", code=self.code(generator))["recoveryCodes"]
        return generator, made or []

    def code(self, generator: pyotp.TOTP) -> str:
        return generator.at(self.clock.now)

    def next_code(self, generator: pyotp.TOTP) -> str:
        """A code that was not used yet: half a minute later there is one."""
        self.clock.go_on(30)
        return self.code(generator)


Browsing = Callable[[], Browser]


def forget_attempts(superuser: Engine) -> None:
    """Every test tries from the same address: what others tried is not its concern."""
    with superuser.begin() as connection:
        connection.execute(text("truncate sign_in_attempt"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def process(settings: Settings, clock: Clock, superuser: Engine, request: pytest.FixtureRequest) -> Process:
    """A process with the policy of second factors the test names, in whose database no attempt was counted yet."""
    forget_attempts(superuser)
    policy = getattr(request, "param", FactorPolicy.OFF)
    return Process(settings.model_copy(update={"require_second_factor": policy}), clock)


@pytest.fixture
def browsing(process: Process, serve: Any, clock: Clock) -> Generator[Browsing]:
    """Browsers at one app."""
    opened: list[httpx2.Client] = []
    with serve(create_app(process)) as origin:

        def browser() -> Browser:
            opened.append(httpx2.Client(base_url=origin, timeout=20))
            return Browser(opened[-1], clock)

        yield browser
        for one in opened:
            one.close()


@pytest.fixture
def browser(browsing: Browsing) -> Browser:
    return browsing()


def long_ago(superuser: Engine, person: Any) -> None:
    """Have the sessions of a person be of somebody who showed who they are eleven minutes ago."""
    with superuser.begin() as connection:
        connection.execute(
            text("update session set authenticated_at = now() - interval '11 minutes' where user_id = :user"),
            {"user": person.user_id},
        )
