"""A forgotten password, a new one, another address: who is signed out, who is told, and what is said to whom."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.world.posted import MORNING, Browser, House, house, text_of, token_in, until
from tests.world.serving import own_world, seeded

__all__ = ["house", "own_world", "seeded"]

DEAD = (410, "LINK_DEAD")
CHOSEN, AGAIN = "tall ships at anchor", "small boats on the shore"
EMAIL = "noor@alder.acme.example"


@pytest.fixture
def noor(house: House) -> Browser:
    """Somebody who has accepted an invitation, in her browser. One letter was sent."""
    contact = house.station.one("Contact", name="Noor")
    house.station.command("access_manager", "invitePortalUser", contactId=contact)
    browser = house.browser()
    status, _ = browser.post("/auth/invitation/accept", token=token_in(house.box.letter(1)), password=CHOSEN)
    assert status == 200
    return browser


def signs_in(house: House, email: str, password: str) -> Browser | None:
    browser = house.browser()
    status, _ = browser.post("/auth/sign-in", email=email, password=password)
    return browser if status == 200 else None


@contextmanager
def socket_of(house: House, browser: Browser) -> Generator[ClientConnection]:
    """An open socket of whoever is signed in here."""
    cookie = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    with connect(
        house.station.url,
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers={"Cookie": cookie, "Origin": house.station.origin},
    ) as opened:
        opened.send('{"type":"connection_init"}')
        assert "connection_ack" in str(opened.recv(20))
        yield opened


def test_a_reset_signs_everybody_out_and_closes_their_sockets(house: House, noor: Browser) -> None:
    other = signs_in(house, EMAIL, CHOSEN)
    assert other is not None
    with socket_of(house, noor) as one, socket_of(house, other) as two:
        stranger = house.browser()
        assert stranger.post("/auth/reset/request", email=f" {EMAIL.upper()} ") == (202, {})
        letter = house.box.letter(2)
        assert (letter["To"], letter["Subject"]) == (EMAIL, "Acme: choose a new password")
        token = token_in(letter)
        seen = {"email": EMAIL, "tenant": {"slug": "acme", "name": "Acme"}}
        assert stranger.post("/auth/reset/look", token=token) == (200, seen)
        before = stranger.http.cookies.get("portico")
        status, answer = stranger.post("/auth/reset/complete", token=token, password=AGAIN)
        assert (status, answer["needs"]) == (200, None)
        assert stranger.http.cookies.get("portico") != before
        for socket in (one, two):
            with pytest.raises(ConnectionClosed):
                socket.recv(20)
            assert socket.close_code == 4401
    assert [one.standing() for one in (noor, other, stranger)] == [(False, None), (False, None), (True, None)]
    for browser in (noor, other):
        assert browser.ask("{ viewer { name } }")["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert stranger.refused("/auth/reset/complete", token=token, password=AGAIN) == DEAD
    assert signs_in(house, EMAIL, CHOSEN) is None
    assert signs_in(house, EMAIL, AGAIN) is not None
    told = house.box.letter(3)
    assert (told["To"], told["Subject"]) == (EMAIL, "Acme: your password was changed")


def test_a_new_link_kills_the_old_one_and_an_hour_both(house: House, noor: Browser) -> None:
    assert noor.post("/auth/reset/request", email=EMAIL) == (202, {})
    first = token_in(house.box.letter(2))
    assert noor.post("/auth/reset/request", email=EMAIL) == (202, {})
    house.clock.now = MORNING + timedelta(minutes=2)
    assert noor.post("/auth/reset/request", email=EMAIL) == (202, {})
    second = token_in(house.box.letter(3))
    assert noor.refused("/auth/reset/look", token=first) == DEAD
    house.clock.now = MORNING + timedelta(minutes=62)
    assert noor.post("/auth/reset/look", token=second)[0] == 200
    house.clock.now = MORNING + timedelta(minutes=62, seconds=1)
    assert noor.refused("/auth/reset/look", token=second) == DEAD
    assert len(house.box.letters) == 3, "who asks again within a minute has a letter on its way"


def test_nobody_is_told_whether_an_address_is_known(house: House, noor: Browser) -> None:
    """The answers are the same to the byte; what they take is one entry in the queue for everybody."""
    said = set[object]()
    for email in (EMAIL, "stranger@acme.example", "sue@acme.example", "ina@acme.example"):
        answer = noor.http.post("/auth/reset/request", json={"email": email}, headers={"x-portico-client": "test"})
        said.add((answer.status_code, answer.content, answer.headers["content-type"], len(answer.headers)))
    assert len(said) == 1
    assert house.box.letter(2)["To"] == EMAIL
    assert _tries(noor, EMAIL) == _tries(noor, "stranger@acme.example")
    assert {one["To"] for one in house.box.letters} == {EMAIL}


def _tries(browser: Browser, email: str) -> int:
    """How often the address can be said before one has to wait."""
    for count in range(20):
        status, body = browser.post("/auth/reset/request", email=email)
        if status == 429:
            assert body["error"]["code"] == "TOO_MANY_ATTEMPTS"
            return count
    raise AssertionError("nobody was made to wait")


def test_a_password_is_changed_by_who_knows_the_old_one(house: House, noor: Browser) -> None:
    other = signs_in(house, EMAIL, CHOSEN)
    assert other is not None
    wrong = noor.refused("/auth/password", current="not this one", password=AGAIN)
    assert wrong == (401, "INVALID_CREDENTIALS")
    assert noor.refused("/auth/password", password=AGAIN) == (400, "BAD_REQUEST")
    assert house.browser().refused("/auth/password", current=CHOSEN, password=AGAIN) == (401, "UNAUTHENTICATED")
    assert noor.post("/auth/password", current=CHOSEN, password=AGAIN)[0] == 200
    assert [noor.standing(), other.standing()] == [(True, None), (False, None)]
    assert signs_in(house, EMAIL, CHOSEN) is None
    assert "changed" in house.box.letter(2)["Subject"]


def test_another_address_is_confirmed_there_and_told_to_the_old_one(house: House, noor: Browser) -> None:
    noor.post("/auth/reset/request", email=EMAIL)
    reset = token_in(house.box.letter(2))
    wrong = noor.refused("/auth/email/request", email="new@alder.example", password="not this one")
    assert wrong == (401, "INVALID_CREDENTIALS")
    assert noor.refused("/auth/email/request", email="nonsense", password=CHOSEN) == (400, "INVALID_EMAIL")
    assert noor.post("/auth/email/request", email="clerk@acme.example", password=CHOSEN) == (202, {})
    assert noor.post("/auth/email/request", email="New@Alder.example", password=CHOSEN) == (202, {})
    letter = house.box.letter(3)
    assert letter["To"] == "new@alder.example"
    assert signs_in(house, "new@alder.example", CHOSEN) is None
    token = token_in(letter)
    assert house.browser().post("/auth/email/confirm", token=token) == (200, {"email": "new@alder.example"})
    assert noor.refused("/auth/email/confirm", token=token) == DEAD
    told = house.box.letter(4)
    assert told["To"] == EMAIL
    assert "new@alder.example" in text_of(told)
    assert signs_in(house, EMAIL, CHOSEN) is None
    assert signs_in(house, "new@alder.example", CHOSEN) is not None
    assert noor.refused("/auth/reset/look", token=reset) == DEAD, "what the old address was sent opens nothing"
    assert noor.ask("{ viewer { email } }") == {"data": {"viewer": {"email": "new@alder.example"}}}
    assert len(house.box.letters) == 4


def test_an_address_that_was_taken_meanwhile_is_refused(house: House, noor: Browser) -> None:
    assert noor.post("/auth/email/request", email="late@acme.example", password=CHOSEN) == (202, {})
    token = token_in(house.box.letter(2))
    house.station.command("administrator", "createStaffUser", name="Late Comer", email="late@acme.example")
    assert noor.refused("/auth/email/confirm", token=token) == (409, "EMAIL_IN_USE")
    assert signs_in(house, EMAIL, CHOSEN) is not None


def test_what_is_kept_for_the_log_names_no_secret(house: House, noor: Browser) -> None:
    """Invitations, passwords and addresses are entries of the audit trail."""
    noor.post("/auth/password", current=CHOSEN, password=AGAIN)
    until(lambda: len(house.box.letters) == 2)
    trail = house.station.ask("administrator", "{ auditTrail(first: 100) { nodes { action changes { field } } } }")
    actions = [one["action"] for one in trail["auditTrail"]["nodes"]]
    assert {"InvitationIssued", "InvitationAccepted", "PasswordReplaced"} <= set(actions)
    fields = {change["field"] for one in trail["auditTrail"]["nodes"] for change in one["changes"]}
    assert not [field for field in fields if "password" in field.lower() or "secret" in field.lower()]
