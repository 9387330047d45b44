"""The links that are mailed: used once whoever tries, dead when they should be, useless out of a copy of the data."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.world.mirror import plain
from tests.world.posted import MORNING, Browser, House, house, password_in, token_in
from tests.world.serving import Place, own_world, seeded

__all__ = ["house", "own_world", "seeded"]

DEAD = (410, "LINK_DEAD")
CHOSEN = "tall ships at anchor"


def rows(place: Place, query: str, *values: Any) -> list[Any]:
    with psycopg.connect(plain(place.url), autocommit=True) as connection:
        return connection.execute(query.encode(), values).fetchall()


@pytest.fixture
def contact(house: House) -> str:
    return house.station.one("Contact", name="Noor")


def invited(house: House, contact: str, **given: Any) -> tuple[str, str]:
    """The id of a new invitation, and the token that was mailed."""
    before = len(house.box.letters)
    sent = house.station.command("access_manager", "invitePortalUser", "invitation { id }", contactId=contact, **given)
    return sent["invitation"]["id"], token_in(house.box.letter(before + 1))


def accepted(browser: Browser, token: str, **more: Any) -> tuple[int, Any]:
    return browser.post("/auth/invitation/accept", token=token, password=CHOSEN, **more)


def test_of_fifty_that_use_a_link_at_once_one_comes_in(house: House, contact: str) -> None:
    _, token = invited(house, contact)
    browsers = [house.browser() for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(accepted, browsers, [token] * 50))
    assert Counter(status for status, _ in answers) == {200: 1, 410: 49}
    assert {body["error"]["code"] for status, body in answers if status == 410} == {"LINK_DEAD"}
    assert Counter(one.standing() for one in browsers) == {(True, None): 1, (False, None): 49}
    assert rows(
        house.station.place,
        "select count(*) from session s join app_user u on u.id = s.user_id "
        "where u.email = 'noor@alder.acme.example' and s.ended_at is null",
    ) == [(1,)]


def test_every_dead_link_is_told_alike(house: House, contact: str) -> None:
    """Old after new, expired, cancelled, used, of another purpose, of a suspended user, malformed, and made up."""
    browser = house.browser()
    first_id, first = invited(house, contact)
    house.station.command("access_manager", "resendInvitation", id=first_id)
    second = token_in(house.box.letter(2))
    raw = base64.urlsafe_b64decode(second + "=" * (-len(second) % 4))
    forged = [raw[:16] + bytes(32), uuid.uuid4().bytes + raw[16:], raw[:-1] + bytes([raw[-1] ^ 1])]
    made_up = [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in forged]
    said = set[tuple[int, str]]()
    for token in (first, *made_up, "x", "\N{SNOWMAN}", "a" * 128):
        for path in ("/auth/invitation/look", "/auth/invitation/accept", "/auth/reset/look", "/auth/reset/complete"):
            status, body = browser.post(path, token=token, password=CHOSEN)
            body["error"].pop("requestId")
            said.add((status, repr(body)))
    assert len(said) == 1
    assert said.pop()[0] == 410
    for path in ("/auth/reset/look", "/auth/reset/complete", "/auth/email/confirm"):
        assert browser.refused(path, token=second, password=CHOSEN) == DEAD

    house.clock.now = MORNING + timedelta(hours=72, seconds=1)
    assert browser.refused("/auth/invitation/accept", token=second, password=CHOSEN) == DEAD
    house.clock.now = MORNING + timedelta(hours=72)
    user = house.station.ask("administrator", '{ users(first: 50, filter: {search: "noor@"}) { nodes { id } } }')
    id = user["users"]["nodes"][0]["id"]
    house.station.command("administrator", "suspendUser", id=id)
    assert browser.refused("/auth/invitation/accept", token=second, password=CHOSEN) == DEAD


def test_a_weak_password_leaves_the_link_alive(house: House, contact: str) -> None:
    _, token = invited(house, contact)
    browser = house.browser()
    refusals = {
        "seven77": (400, "PASSWORD_TOO_SHORT"),
        "l" * 257: (400, "PASSWORD_TOO_LONG"),
        "Iloveyou123": (400, "PASSWORD_BREACHED"),
        "Alder-Noor-12": (400, "PASSWORD_PERSONAL"),
        "with\0nul in it": (400, "BAD_REQUEST"),
    }
    for password, expected in refusals.items():
        assert browser.refused("/auth/invitation/accept", token=token, password=password) == expected
    assert browser.refused("/auth/invitation/accept", token=token) == (400, "BAD_REQUEST")
    assert accepted(browser, token, name="Noor Haddad")[0] == 200
    assert browser.ask("{ viewer { name } }") == {"data": {"viewer": {"name": "Noor Haddad"}}}


def test_a_copy_of_the_data_opens_nothing(house: House, contact: str) -> None:
    """No table holds the token, nor anything it could be made from; the queue names rows and nothing else."""
    _, token = invited(house, contact)
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    dumped = _dump(house.station.place)
    for secret in (token, raw[16:].hex(), raw.hex(), token[22:]):
        assert secret not in dumped
    assert hashlib.sha256(raw).hexdigest() in dumped
    browser = house.browser()
    for kept in (hashlib.sha256(raw).digest(), raw[:16] + hashlib.sha256(raw).digest()):
        shown = base64.urlsafe_b64encode(kept).rstrip(b"=").decode()
        assert browser.refused("/auth/invitation/accept", token=shown, password=CHOSEN) == DEAD


def _dump(place: Place) -> str:
    """Every row of every table as text."""
    tables = [
        name
        for (name,) in rows(
            place, "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
    ]
    return "\n".join(str(row) for table in tables for row in rows(place, f"select t::text from {table} t"))


def test_a_temporary_password_opens_one_account_once(house: House, contact: str) -> None:
    sent = {"contactId": contact, "delivery": "TEMPORARY_PASSWORD"}
    house.station.command("access_manager", "invitePortalUser", **sent)
    typed = password_in(house.box.letter(1))
    assert typed.replace("-", "") not in _dump(house.station.place)
    email = "noor@alder.acme.example"
    other = house.browser().refused("/auth/sign-in", email="administrator@acme.example", password=typed)
    assert other == (401, "INVALID_CREDENTIALS")
    with ThreadPoolExecutor(5) as pool:
        browsers = [house.browser() for _ in range(5)]
        tried = [pool.submit(one.post, "/auth/sign-in", email=email, password=typed.upper()) for one in browsers]
        answers = [one.result() for one in tried]
    assert Counter(status for status, _ in answers) == {200: 1, 401: 4}
    (came,) = [browser for browser, (status, _) in zip(browsers, answers, strict=True) if status == 200]
    assert came.standing() == (False, "NEW_PASSWORD")
    for path in ("/auth/email/request", "/auth/sessions/end-others", "/auth/totp/begin"):
        assert came.post(path, email="a@b.example", password=typed)[0] == 403
    assert came.ask("{ viewer { name } }")["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert came.post("/auth/password", password=CHOSEN)[0] == 200
    assert house.browser().post("/auth/sign-in", email=email, password=CHOSEN)[0] == 200


@pytest.mark.parametrize("viewer", ["account_manager", "operations_lead", "clerk", "portal_manager"])
def test_who_may_not_invite_is_told_so_and_learns_nothing(viewer: str, house: House) -> None:
    """A contact can be read by many; whether its address is somebody's is told to those who invite."""
    asked = "{ contacts(first: 100) { nodes { canInvite inviteRefusal } } }"
    found = house.station.ask(viewer, asked)["contacts"]["nodes"]
    assert {(one["canInvite"], one["inviteRefusal"]) for one in found} <= {(False, "FORBIDDEN")}


def test_an_invitation_at_creation_takes_the_right_to_invite(house: House) -> None:
    """The contact is not made either: both or neither."""
    alder = house.station.one("Organization", shortName="Alder")
    document = "mutation($i: CreateContactInput!) { createContact(input: $i) { userErrors { code permission } } }"
    given: dict[str, object] = {"organizationId": alder, "name": "Zoe", "email": "zoe@alder.example", "invite": {}}
    refused = house.station.ask("account_manager", document, i=given)["createContact"]["userErrors"]
    assert refused == [{"code": "FORBIDDEN", "permission": "INVITE_TO_PORTAL"}]
    assert not [one for one in house.station.mirror().rows["Contact"].values() if one["name"] == "Zoe"]
    assert house.box.letters == []
