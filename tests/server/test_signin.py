"""Signing in tells nothing to who does not know the password, gives a new session each time, and can be ended."""

import json
import statistics
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session as Orm
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from models import Session, SessionKind, User, UserStatus
from server.app import create_app
from server.attempts import HERE
from server.credentials import set_cookie
from server.process import Process
from server.settings import Settings
from tests.server.entering import forget_attempts

GENUINE = {"x-portico-client": "test"}
VIEWER = {"query": "{ viewer { id } }"}


def sign_in(client: httpx2.Client, email: str, password: str, **more: Any) -> httpx2.Response:
    return client.post("/auth/sign-in", json={"email": email, "password": password, **more}, headers=GENUINE)


def code(response: httpx2.Response) -> str:
    error = response.json()["error"]
    assert error["requestId"] == response.headers["x-request-id"]
    return error["code"]


def sessions(superuser: Engine, person, *, open_only: bool = True) -> int:
    query = select(func.count()).where(Session.user_id == person.user_id, Session.kind == SessionKind.BROWSER)
    with Orm(superuser) as session:
        return session.scalar(query.where(Session.ended_at.is_(None)) if open_only else query) or 0


@pytest.fixture
def fresh(settings: Settings, serve, superuser: Engine) -> Generator[httpx2.Client]:
    """A client of an app in whose database no attempt was counted yet."""
    forget_attempts(superuser)
    with serve(create_app(Process(settings))) as origin, httpx2.Client(base_url=origin, timeout=20) as made:
        yield made


def test_a_password_opens_a_session(fresh: httpx2.Client, person, superuser: Engine) -> None:
    response = sign_in(fresh, f"  {person.email.upper()} ", person.password)
    assert (response.status_code, response.json()) == (200, {"tenant": {"slug": person.tenant}, "needs": None})
    name, _, rest = response.headers["set-cookie"].partition("=")
    assert (name, rest.split("; ")[1:]) == ("portico", ["Path=/", "Max-Age=1209600", "HttpOnly", "SameSite=Lax"])
    assert response.headers["cache-control"] == "no-store"
    answer = fresh.post("/graphql", json=VIEWER, headers=GENUINE)
    assert answer.json()["data"]["viewer"]["id"]
    with Orm(superuser) as session:
        user = session.scalars(select(User).where(User.id == person.user_id)).one()
        assert user.last_sign_in_at is not None
        assert user.version == 1


def test_each_time_it_is_a_new_one(fresh: httpx2.Client, person, superuser: Engine) -> None:
    sign_in(fresh, person.email, person.password)
    first = fresh.cookies["portico"]
    sign_in(fresh, person.email, person.password)
    assert fresh.cookies["portico"] != first
    assert (sessions(superuser, person), sessions(superuser, person, open_only=False)) == (1, 2)
    fresh.cookies.clear()
    old = fresh.post("/graphql", json=VIEWER, headers=GENUINE | {"cookie": f"portico={first}"})
    assert old.status_code == 401


def test_signing_out_ends_this_session_only(fresh: httpx2.Client, person, superuser: Engine) -> None:
    sign_in(fresh, person.email, person.password)
    elsewhere = fresh.cookies["portico"]
    fresh.cookies.clear()
    sign_in(fresh, person.email, person.password)
    mine = fresh.cookies["portico"]
    response = fresh.post("/auth/sign-out", json={}, headers=GENUINE)
    assert (response.status_code, response.json()) == (200, {"redirect": None})
    assert "portico=; Path=/; Max-Age=0;" in response.headers["set-cookie"]
    assert sessions(superuser, person) == 1
    for token, status in ((mine, 401), (elsewhere, 200)):
        answer = httpx2.post(f"{fresh.base_url}/graphql", json=VIEWER, headers=GENUINE | {"cookie": f"portico={token}"})
        assert answer.status_code == status
    assert fresh.post("/auth/sign-out", json={}, headers=GENUINE).json() == {"redirect": None}


@contextmanager
def opened(client: httpx2.Client, token: str) -> Iterator[ClientConnection]:
    """A socket of a browser that has this session."""
    origin = str(client.base_url).rstrip("/")
    made = connect(
        f"{origin.replace('http', 'ws')}/graphql",
        origin=origin,  # type: ignore[arg-type]
        additional_headers={"cookie": f"portico={token}"},
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        compression=None,
    )
    with made as socket:
        socket.send('{"type":"connection_init"}')
        assert json.loads(socket.recv(5))["type"] == "connection_ack"
        yield socket


def test_signing_out_closes_the_sockets_of_this_session_only(fresh: httpx2.Client, person) -> None:
    tokens: list[str] = []
    for _ in range(2):
        fresh.cookies.clear()
        sign_in(fresh, person.email, person.password)
        tokens.append(fresh.cookies["portico"])
    with opened(fresh, tokens[0]) as other, opened(fresh, tokens[1]) as mine:
        assert fresh.post("/auth/sign-out", json={}, headers=GENUINE).json() == {"redirect": None}
        with pytest.raises(ConnectionClosed) as closed:
            mine.recv(2)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        other.send('{"type":"ping"}')
        assert json.loads(other.recv(2)) == {"type": "pong"}


def test_nothing_tells_an_account_from_none(fresh: httpx2.Client, enrol) -> None:
    known, suspended, without = enrol(), enrol(status=UserStatus.SUSPENDED), enrol(password_hash=None)
    answers = [
        sign_in(fresh, known.email, "wrong password"),
        sign_in(fresh, known.email, known.password, tenant="another"),
        sign_in(fresh, suspended.email, suspended.password),
        sign_in(fresh, without.email, "wrong password"),
        sign_in(fresh, "nobody@nowhere.example", "wrong password"),
    ]
    said = []
    for answer in answers:
        assert (answer.status_code, code(answer)) == (401, "INVALID_CREDENTIALS")
        assert "set-cookie" not in answer.headers
        said.append({name: value for name, value in answer.json()["error"].items() if name != "requestId"})
    assert all(one == said[0] for one in said)


def test_an_unknown_account_takes_as_long(fresh: httpx2.Client, enrol) -> None:
    def seconds(email: str) -> float:
        """Of the processor, not of the clock: the service runs in this process, and others beside it."""
        began = time.process_time()
        assert sign_in(fresh, email, "wrong password").status_code == 401
        return time.process_time() - began

    pairs = [(seconds(enrol().email), seconds(f"nobody{number}@nowhere.example")) for number in range(12)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert 0.7 < known / unknown < 1.4


def test_who_has_several_accounts_chooses(fresh: httpx2.Client, enrol) -> None:
    first = enrol()
    second = enrol(email=first.email)
    assert code(sign_in(fresh, first.email, "wrong password")) == "INVALID_CREDENTIALS"
    response = sign_in(fresh, first.email, first.password)
    assert (response.status_code, code(response)) == (409, "CHOOSE_TENANT")
    tenants = sorted([first.tenant, second.tenant])
    assert response.json()["error"]["tenants"] == [{"slug": slug, "name": slug} for slug in tenants]
    response = sign_in(fresh, first.email, first.password, tenant=second.tenant)
    assert response.json() == {"tenant": {"slug": second.tenant}, "needs": None}


def test_a_suspended_account_is_no_choice(fresh: httpx2.Client, enrol) -> None:
    first = enrol()
    enrol(email=first.email, status=UserStatus.SUSPENDED)
    assert sign_in(fresh, first.email, first.password).json()["tenant"] == {"slug": first.tenant}


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"email": "a@b.example"},
        {"email": 1, "password": "x"},
        {"email": "a@b.example", "password": ["x"]},
        {"email": "a@b.example", "password": ""},
        {"email": "a@b.example", "password": "x" * 257},
        {"email": "x" * 321, "password": "x"},
        {"email": "a@b.example", "password": "x", "tenant": 1},
        {"email": "a\0@b.example", "password": "x"},
        [],
    ],
)
def test_odd_input_is_refused(client: httpx2.Client, content: Any) -> None:
    response = client.post("/auth/sign-in", json=content, headers=GENUINE)
    assert response.status_code == 400
    code(response)


def test_a_browser_cannot_be_made_to_sign_in_or_out(client: httpx2.Client, person) -> None:
    given = {"email": person.email, "password": person.password}
    cookie = {"cookie": f"portico={person.token}"}
    for path, content, own in (("/auth/sign-in", given, {}), ("/auth/sign-out", {}, cookie)):
        for headers, status in (
            ({}, 403),
            (GENUINE | {"origin": "https://evil.example"}, 403),
            (GENUINE | {"sec-fetch-site": "cross-site"}, 403),
            (GENUINE | {"content-type": "text/plain"}, 415),
        ):
            response = client.post(path, json=content, headers=own | headers)
            assert response.status_code == status, (path, headers)
            assert "set-cookie" not in response.headers
    assert client.post("/graphql", json=VIEWER, headers=GENUINE | cookie).status_code == 200


def test_other_methods_are_refused(client: httpx2.Client) -> None:
    response = client.get("/auth/sign-in")
    assert (response.status_code, response.headers["allow"], code(response)) == (405, "POST", "METHOD_NOT_ALLOWED")


def test_guessing_is_slowed_down_and_ends(fresh: httpx2.Client, person) -> None:
    with ThreadPoolExecutor(12) as pool:
        responses = list(pool.map(lambda _: sign_in(fresh, person.email, "wrong password"), range(24)))
    statuses = [response.status_code for response in responses]
    assert set(statuses) == {401, 429}
    assert statuses.count(401) <= HERE.free + 3
    late = next(response for response in responses if response.status_code == 429)
    assert code(late) == "TOO_MANY_ATTEMPTS"
    assert late.json()["error"]["retryAfter"] == int(late.headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("scheme", "host", "https", "name"),
    [
        ("http", "127.0.0.1:8000", False, "portico"),
        ("http", "localhost", False, "portico"),
        ("http", "[::1]:8000", False, "portico"),
        ("https", "localhost", False, "__Host-portico"),
        ("http", "127.0.0.1:8000", True, "__Host-portico"),
        ("http", "portal.example", False, "__Host-portico"),
        ("http", "127.0.0.1.portal.example", False, "__Host-portico"),
        ("http", "[", False, "__Host-portico"),
    ],
)
def test_the_cookie_is_secure_but_on_this_machine(scheme: str, host: str, https: bool, name: str) -> None:
    scope = {"type": "http", "scheme": scheme, "headers": [(b"host", host.encode())]}
    _, cookie = set_cookie(scope, "token", lifetime=60, https=https)
    assert cookie.startswith(f"{name}=token; Path=/; Max-Age=60; HttpOnly; SameSite=Lax".encode())
    assert cookie.endswith(b"; Secure") == (name != "portico")
