"""Passkeys: made and used with an authenticator of software, and refused whenever anything about them is odd."""

from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, text

from models import UserStatus
from tests.server import softkey
from tests.server.conftest import Person
from tests.server.entering import Browser, Browsing, forget_attempts, long_ago
from tests.server.softkey import PRESENT, SoftKey

REFUSED = (401, "INVALID_CREDENTIALS")


def new_key(browser: Browser, **odd: Any) -> SoftKey:
    return SoftKey(str(browser.http.base_url).rstrip("/"), **odd)


def register(browser: Browser, key: SoftKey, label: str = "Phone") -> Any:
    asked = browser.ok("/auth/passkey/register/options")
    return browser.ok("/auth/passkey/register", id=asked["id"], credential=key.create(asked["publicKey"]), label=label)


def answer_of(browser: Browser, key: SoftKey) -> dict[str, Any]:
    asked = browser.ok("/auth/passkey/options")
    assert asked["publicKey"]["rpId"] == "127.0.0.1"
    assert asked["publicKey"]["userVerification"] == "required"
    assert asked["publicKey"]["allowCredentials"] == []
    return {"id": asked["id"], "credential": key.get(asked["publicKey"])}


@pytest.fixture
def key(browser: Browser, person: Person) -> SoftKey:
    """A passkey of the person, whose browser is signed in."""
    browser.sign_in(person)
    made = new_key(browser)
    register(browser, made)
    return made


def test_a_passkey_signs_in_without_anything_else(browsing: Browsing, key: SoftKey, person: Person) -> None:
    browser = browsing()
    answer = browser.ok("/auth/passkey/sign-in", **answer_of(browser, key))
    assert answer == {"tenant": {"slug": person.tenant}, "needs": None}
    assert browser.acts()
    assert browser.standing()["user"]["email"] == person.email
    assert browser.standing()["recentlyAuthenticated"]
    (listed,) = browser.get("/auth/factors").json()["passkeys"]
    assert listed["label"] == "Phone"
    assert listed["lastUsedAt"] is not None


def test_the_first_one_brings_recovery_codes_and_a_new_session(browser: Browser, person: Person) -> None:
    browser.sign_in(person)
    before = browser.token
    first = register(browser, new_key(browser))
    assert len(first["recoveryCodes"]) == 10
    assert (first["passkey"]["label"], first["needs"]) == ("Phone", None)
    assert not browser.acts(before)
    assert browser.acts()
    assert register(browser, new_key(browser), "Key ring")["recoveryCodes"] is None
    assert [one["label"] for one in browser.get("/auth/factors").json()["passkeys"]] == ["Phone", "Key ring"]


def test_it_is_the_second_factor_of_a_password(browser: Browser, key: SoftKey, person: Person) -> None:
    assert browser.sign_in(person)["needs"] == "SECOND_FACTOR"
    before = browser.token
    assert browser.ok("/auth/passkey/sign-in", **answer_of(browser, key))["needs"] is None
    assert browser.acts()
    assert not browser.acts(before)
    # The session that waited for it is over.
    waiting = browser.http.get("/auth/session", headers={"authorization": f"Bearer {before}"})
    assert waiting.json()["user"] is None


def test_an_answer_works_once(browsing: Browsing, browser: Browser, key: SoftKey) -> None:
    key.count = -1  # Such keys do not count, so only the challenge tells a repetition.
    answer = answer_of(browser, key)
    browsers = [browsing() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda one: one.post("/auth/passkey/sign-in", **answer).status_code, browsers))
    assert sorted(statuses) == [200, 401, 401, 401]


def test_a_key_that_was_copied_is_refused(browser: Browser, key: SoftKey) -> None:
    copy = deepcopy_of(key)
    for _ in range(3):
        browser.ok("/auth/passkey/sign-in", **answer_of(browser, key))
    assert browser.refused("/auth/passkey/sign-in", **answer_of(browser, copy)) == REFUSED


def deepcopy_of(key: SoftKey) -> SoftKey:
    return SoftKey(key.origin, key.host, key.flags, key.count, key.id, key.key, key.handle)


def odd_answers(browser: Browser, key: SoftKey) -> dict[str, dict[str, Any]]:
    """Answers that differ from a good one in one thing each."""
    made: dict[str, dict[str, Any]] = {}
    for name, odd in (
        ("another page", {"origin": "https://evil.example"}),
        ("another host", {"host": "evil.example"}),
        ("nobody verified", {"flags": PRESENT}),
        ("nobody present", {"flags": 0x04}),
        ("another key", {"key": ec.generate_private_key(ec.SECP256R1())}),
        ("an unknown passkey", {"id": os.urandom(32)}),
        ("another user", {"handle": key.handle[:16] + uuid.uuid4().bytes}),
        ("another tenant", {"handle": uuid.uuid4().bytes + key.handle[16:]}),
        ("no user", {"handle": b""}),
    ):
        other = deepcopy_of(key)
        other.count += 100
        for field, value in odd.items():
            setattr(other, field, value)
        made[name] = answer_of(browser, other)
    good = deepcopy_of(key)
    good.count += 100
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        broken = answer_of(browser, good)
        broken["credential"]["response"][name] = softkey.text(os.urandom(80))
        made[f"broken {name}"] = broken
        gone = deepcopy(broken)
        del gone["credential"]["response"][name]
        made[f"no {name}"] = gone
    made["nothing"] = {"id": str(uuid.uuid4()), "credential": {}}
    made["no challenge"] = answer_of(browser, good) | {"id": "no id"}
    made["another challenge"] = answer_of(browser, good) | {"id": browser.ok("/auth/passkey/options")["id"]}
    return made


def test_whatever_is_wrong_the_answer_is_the_same(browser: Browser, key: SoftKey, superuser: Engine) -> None:
    said = set()
    for name, answer in odd_answers(browser, key).items():
        forget_attempts(superuser)
        response = browser.post("/auth/passkey/sign-in", **answer)
        error = {one: value for one, value in response.json()["error"].items() if one != "requestId"}
        headers = sorted(one for one in response.headers if one not in ("date", "x-request-id"))
        said.add((response.status_code, str(error), str(headers)))
        assert response.status_code == 401, name
    assert len(said) == 1
    key.count += 200
    assert browser.post("/auth/passkey/sign-in", **answer_of(browser, key)).status_code == 200


def test_a_suspended_user_is_refused(browser: Browser, key: SoftKey, person: Person, superuser: Engine) -> None:
    with superuser.begin() as connection:
        connection.execute(
            text("update app_user set status = :s where id = :u"),
            {"s": UserStatus.SUSPENDED.value, "u": person.user_id},
        )
    assert browser.refused("/auth/passkey/sign-in", **answer_of(browser, key)) == REFUSED


def test_a_challenge_is_forgotten_after_minutes(browser: Browser, key: SoftKey, superuser: Engine) -> None:
    answer = answer_of(browser, key)
    with superuser.begin() as connection:
        connection.execute(text("update sign_in_challenge set expires_at = now() - interval '1 second'"))
    assert browser.refused("/auth/passkey/sign-in", **answer) == REFUSED
    browser.ok("/auth/passkey/options")
    with superuser.connect() as connection:
        kept = connection.execute(text("select count(*) from sign_in_challenge where expires_at < now()")).scalar_one()
    assert kept == 0


def test_what_is_asked_of_one_session_is_answered_by_it_alone(browsing: Browsing, person: Person, enrol: Any) -> None:
    mine, theirs = browsing(), browsing()
    mine.sign_in(person)
    theirs.sign_in(enrol())
    key = new_key(mine)
    asked = mine.ok("/auth/passkey/register/options")
    answer = {"id": asked["id"], "credential": key.create(asked["publicKey"]), "label": "Phone"}
    assert theirs.refused("/auth/passkey/register", **answer) == (400, "PASSKEY_REFUSED")
    # Neither can a challenge for signing in be used to register.
    general = mine.ok("/auth/passkey/options")
    odd = asked["publicKey"] | {"challenge": general["publicKey"]["challenge"]}
    answer = {"id": general["id"], "credential": key.create(odd), "label": "Phone"}
    assert mine.refused("/auth/passkey/register", **answer) == (400, "PASSKEY_REFUSED")


@pytest.mark.parametrize(
    "odd",
    [{"origin": "https://evil.example"}, {"flags": PRESENT}, {"flags": 0x04}],
    ids=["another page", "nobody verified", "nobody present"],
)
def test_what_is_no_passkey_for_us_is_not_kept(browser: Browser, person: Person, odd: dict[str, Any]) -> None:
    browser.sign_in(person)
    key = new_key(browser)
    for field, value in odd.items():
        setattr(key, field, value)
    asked = browser.ok("/auth/passkey/register/options")
    answer = {"id": asked["id"], "credential": key.create(asked["publicKey"]), "label": "Phone"}
    assert browser.refused("/auth/passkey/register", **answer) == (400, "PASSKEY_REFUSED")
    assert browser.get("/auth/factors").json()["passkeys"] == []


@pytest.mark.parametrize("name", ["clientDataJSON", "attestationObject"])
def test_nonsense_is_refused_politely(browser: Browser, person: Person, name: str) -> None:
    browser.sign_in(person)
    for nonsense in (softkey.text(os.urandom(200)), "", "%%%", softkey.text(b"\xa1" * 60)):
        asked = browser.ok("/auth/passkey/register/options")
        credential = new_key(browser).create(asked["publicKey"])
        credential["response"][name] = nonsense
        refused = browser.refused("/auth/passkey/register", id=asked["id"], credential=credential, label="x")
        assert refused == (400, "PASSKEY_REFUSED")


def test_a_passkey_is_registered_once(browser: Browser, key: SoftKey) -> None:
    asked = browser.ok("/auth/passkey/register/options")
    excluded = [one["id"] for one in asked["publicKey"]["excludeCredentials"]]
    assert excluded == [softkey.text(key.id)]
    answer = {"id": asked["id"], "credential": key.create(asked["publicKey"]), "label": "Again"}
    assert browser.refused("/auth/passkey/register", **answer) == (409, "PASSKEY_EXISTS")


def test_removing_one_takes_a_recent_proof_and_ends_its_use(
    browsing: Browsing, browser: Browser, key: SoftKey, person: Person, superuser: Engine, enrol: Any
) -> None:
    (listed,) = browser.get("/auth/factors").json()["passkeys"]
    other = browsing()
    other.sign_in(enrol())
    assert other.refused("/auth/passkey/remove", id=listed["id"]) == (404, "NOT_FOUND")
    assert browser.refused("/auth/passkey/remove", id="pky_nothing") == (404, "NOT_FOUND")
    long_ago(superuser, person)
    assert browser.refused("/auth/passkey/remove", id=listed["id"]) == (403, "REAUTHENTICATION_REQUIRED")
    browser.ok("/auth/reauthenticate", password=person.password)
    browser.ok("/auth/passkey/remove", id=listed["id"])
    assert browser.standing()["factors"] == {"totp": False, "passkeys": 0, "recoveryCodes": 0}
    assert browser.refused("/auth/passkey/sign-in", **answer_of(browser, key)) == REFUSED
    assert browser.sign_in(person)["needs"] is None


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/auth/passkey/sign-in", {"id": "x"}),
        ("/auth/passkey/sign-in", {"id": 1, "credential": {}}),
        ("/auth/passkey/sign-in", {"id": "x", "credential": "y"}),
        ("/auth/passkey/register", {"id": "x", "credential": {}}),
        ("/auth/passkey/register", {"id": "x", "credential": {}, "label": "l" * 81}),
        ("/auth/passkey/remove", {}),
    ],
)
def test_odd_input_is_refused(browser: Browser, person: Person, path: str, content: Any) -> None:
    browser.sign_in(person)
    assert browser.refused(path, **content) == (400, "BAD_REQUEST")
