"""The list of one's sessions: what it says, and that a session ended there is over at once, everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.ext.asyncio import create_async_engine
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from auth.sessions import read_token
from models.database import application_engine
from server.process import Process
from server.seen import EVERY, MOST_KEPT, Seen
from tests.server.conftest import Person
from tests.server.entering import Browser, Browsing


@contextmanager
def opened(browser: Browser) -> Iterator[ClientConnection]:
    """A socket of the browser's session."""
    made = connect(
        f"{str(browser.http.base_url).replace('http', 'ws').rstrip('/')}/graphql",
        additional_headers={"cookie": f"portico={browser.token}"},
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        compression=None,
    )
    with made as socket:
        socket.send('{"type":"connection_init"}')
        assert json.loads(socket.recv(5))["type"] == "connection_ack"
        yield socket


def closed_with(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(1)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def alive(socket: ClientConnection) -> bool:
    socket.send('{"type":"ping"}')
    return json.loads(socket.recv(2)) == {"type": "pong"}


def listed(browser: Browser) -> list[Any]:
    return browser.get("/auth/sessions").json()["sessions"]


def signed_in(browsing: Browsing, person: Person, name: str) -> Browser:
    made = browsing()
    made.http.headers["user-agent"] = name
    made.sign_in(person)
    return made


def test_it_says_where_somebody_is_signed_in(browsing: Browsing, person: Person) -> None:
    phone, laptop = signed_in(browsing, person, "Phone"), signed_in(browsing, person, "Laptop")
    found = {one["label"]: one for one in listed(phone)}
    assert set(found) == {"Phone", "Laptop", None}
    assert {name: one["current"] for name, one in found.items()} == {"Phone": True, "Laptop": False, None: False}
    assert {name: one["kind"] for name, one in found.items()} == {
        "Phone": "BROWSER",
        "Laptop": "BROWSER",
        None: "TOKEN",
    }
    assert set(found["Phone"]) == {
        "id", "label", "kind", "createdAt", "lastSeenAt", "expiresAt", "current", "viewedBy",
    }  # fmt: skip
    assert found["Phone"]["viewedBy"] is None
    assert phone.token not in json.dumps(found)
    assert [one["current"] for one in listed(laptop) if one["label"] == "Laptop"] == [True]


def test_an_ended_session_is_closed_and_the_others_go_on(browsing: Browsing, person: Person) -> None:
    phone, laptop = signed_in(browsing, person, "Phone"), signed_in(browsing, person, "Laptop")
    (meant,) = [one["id"] for one in listed(phone) if one["label"] == "Laptop"]
    with opened(phone) as mine, opened(laptop) as other:
        assert phone.post("/auth/sessions/end", id=meant).status_code == 204
        assert not laptop.acts()
        assert closed_with(other) == 4401
        assert alive(mine)
    assert phone.acts()
    assert {one["label"] for one in listed(phone)} == {"Phone", None}
    assert phone.refused("/auth/sessions/end", id=meant) == (404, "NOT_FOUND")


def test_signing_out_everywhere_else(browsing: Browsing, person: Person, enrol: Any) -> None:
    phone, laptop = signed_in(browsing, person, "Phone"), signed_in(browsing, person, "Laptop")
    stranger = signed_in(browsing, enrol(), "Stranger")
    with opened(phone) as mine, opened(laptop) as other, opened(stranger) as strangers:
        # The bearer token of the person is one of the others.
        assert phone.ok("/auth/sessions/end-others") == {"ended": 2}
        assert not laptop.acts()
        assert not browsing().acts(person.token)
        assert closed_with(other) == 4401
        assert alive(mine)
        assert alive(strangers)
    assert [one["current"] for one in listed(phone)] == [True]


def test_two_who_end_each_other_do_not_wait_for_each_other(browsing: Browsing, person: Person) -> None:
    for _ in range(5):
        pair = [signed_in(browsing, person, name) for name in ("Phone", "Laptop")]
        with ThreadPoolExecutor(2) as pool:
            answers = pool.map(lambda one: one.post("/auth/sessions/end-others").status_code, pair)
        assert sorted(answers) == [200, 401]


def test_ending_the_present_one_is_signing_out(browsing: Browsing, person: Person) -> None:
    phone = signed_in(browsing, person, "Phone")
    (mine,) = [one["id"] for one in listed(phone) if one["current"]]
    response = phone.post("/auth/sessions/end", id=mine)
    assert response.status_code == 204
    assert "portico=; Path=/; Max-Age=0;" in response.headers["set-cookie"]
    assert phone.get("/auth/sessions").status_code == 401


def test_nobody_ends_a_session_of_somebody_else(browsing: Browsing, person: Person, enrol: Any) -> None:
    mine, theirs = signed_in(browsing, person, "Mine"), signed_in(browsing, enrol(), "Theirs")
    (meant,) = [one["id"] for one in listed(theirs) if one["current"]]
    answers = [mine.post("/auth/sessions/end", id=id) for id in (meant, f"ses_{'0' * 32}", "ses_", "usr_" + "0" * 32)]
    said = [{n: v for n, v in one.json()["error"].items() if n != "requestId"} for one in answers]
    assert {one.status_code for one in answers} == {404}
    assert all(one == said[0] for one in said)
    assert theirs.acts()


def test_no_session_is_taken_over(browsing: Browsing, person: Person, enrol: Any) -> None:
    """Fixation: a session somebody has put into a browser is not the one its user is signed in with."""
    attacker, victim = browsing(), browsing()
    attacker.sign_in(enrol())
    planted = attacker.token
    victim.http.cookies.set("portico", planted, domain="127.0.0.1")
    victim.sign_in(person)
    assert victim.token != planted
    assert not attacker.acts(planted)
    made_up = browsing()
    made_up.http.cookies.set("portico", "x" * 64, domain="127.0.0.1")
    made_up.sign_in(person)
    assert made_up.token != "x" * 64
    assert made_up.standing()["user"]["email"] == person.email


def seen(superuser: Engine, person: Person) -> dict[str | None, datetime | None]:
    query = text("select label, last_seen_at from session where user_id = :u")
    with superuser.connect() as connection:
        return {row.label: row.last_seen_at for row in connection.execute(query, {"u": person.user_id})}


async def test_what_was_used_is_noted_now_and_then(
    browsing: Browsing, process: Process, person: Person, superuser: Engine, database_url: str
) -> None:
    phone, laptop = signed_in(browsing, person, "Phone"), signed_in(browsing, person, "Laptop")
    assert phone.acts()
    assert set(seen(superuser, person).values()) == {None}
    engine = application_engine(database_url)
    with opened(laptop):
        writer = Seen(engine, lambda: list(process.deck.sessions()))
        for credential in process.seen._due:
            writer.note(credential)
        await writer.write()
    times = seen(superuser, person)
    assert times[None] is None
    for name in ("Phone", "Laptop"):
        at = times[name]
        assert at is not None
        assert abs((datetime.now(UTC) - at).total_seconds()) < 30
    await engine.dispose()


async def test_a_session_in_use_costs_one_write_in_five_minutes(person: Person, database_url: str) -> None:
    engine, now = application_engine(database_url), 1_000.0
    statements: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]) or None)
    writer = Seen(engine, lambda: (), lambda: now)
    credential = read_token(person.token)
    assert credential is not None
    for _ in range(1_000):
        writer.note(credential)
    await writer.write()
    assert [one.split()[0] for one in statements] == ["select", "UPDATE"]
    writer.note(credential)
    await writer.write()
    assert len(statements) == 2
    now += EVERY
    writer.note(credential)
    await writer.write()
    assert len(statements) == 4
    await engine.dispose()


def test_what_is_remembered_is_bounded(person: Person) -> None:
    credential = read_token(person.token)
    assert credential is not None
    writer = Seen(create_async_engine("postgresql+psycopg://"), lambda: ())
    for number in range(MOST_KEPT + 100):
        writer.note(credential._replace(secret_hash=number.to_bytes(32, "big")))
    assert len(writer._noted) == MOST_KEPT
