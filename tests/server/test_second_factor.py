"""A second factor: nothing is shown before it, codes work once, and there is a way back when it is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pyotp
import pytest
from sqlalchemy import Engine, text
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from models import SessionNeed
from server.app import create_app
from server.process import Process
from server.settings import Settings
from tests.server.conftest import Person
from tests.server.entering import VIEWER, Browser, Browsing, long_ago


def test_nobody_is_told_apart_from_nobody(browser: Browser) -> None:
    assert browser.standing() == {
        "signedIn": False,
        "needs": None,
        "user": None,
        "tenant": None,
        "factors": None,
        "recentlyAuthenticated": False,
    }


def test_a_code_completes_a_sign_in(browser: Browser, person: Person) -> None:
    assert browser.sign_in(person)["needs"] is None
    generator, recovery = browser.add_generator()
    assert len(set(recovery)) == 10
    assert browser.standing() == {
        "signedIn": True,
        "needs": None,
        "user": {
            "id": f"usr_{person.user_id.hex}",
            "name": "Ada",
            "email": person.email,
            "kind": "STAFF",
            "language": "EN",
        },
        "tenant": {"slug": person.tenant, "name": person.tenant},
        "factors": {"totp": True, "passkeys": 0, "recoveryCodes": 10},
        "recentlyAuthenticated": True,
    }

    assert browser.sign_in(person) == {"tenant": {"slug": person.tenant}, "needs": "SECOND_FACTOR"}
    before = browser.token
    assert (browser.standing()["signedIn"], browser.standing()["needs"]) == (False, "SECOND_FACTOR")
    assert not browser.acts()
    assert browser.ok("/auth/second-factor", code=browser.next_code(generator)) == {"needs": None}
    # Whoever knew the session before it rose has nothing.
    assert browser.token != before
    assert browser.acts()
    assert not browser.acts(before)
    assert browser.refused("/auth/second-factor", code=browser.next_code(generator)) == (
        409,
        "SECOND_FACTOR_NOT_NEEDED",
    )


def test_who_came_half_way_in_begins_again_after_an_hour(browser: Browser, person: Person, superuser: Engine) -> None:
    def hours_left() -> float:
        query = text(
            "select extract(epoch from expires_at - clock_timestamp()) / 3600 from session"
            " where user_id = :u and kind = 'BROWSER' and ended_at is null"
        )
        with superuser.connect() as connection:
            return float(connection.execute(query, {"u": person.user_id}).scalar_one())

    browser.sign_in(person)
    generator, _ = browser.add_generator()
    browser.sign_in(person)
    assert 0.9 < hours_left() <= 1
    browser.ok("/auth/second-factor", code=browser.next_code(generator))
    assert hours_left() > 24


def test_a_session_in_need_does_nothing_else(browser: Browser, person: Person) -> None:
    browser.sign_in(person)
    browser.add_generator()
    browser.sign_in(person)
    for path, content in (
        ("/auth/totp/begin", {}),
        ("/auth/totp/remove", {}),
        ("/auth/recovery-codes", {}),
        ("/auth/passkey/register/options", {}),
        ("/auth/sessions/end-others", {}),
        ("/auth/sessions/end", {"id": f"ses_{'0' * 32}"}),
        ("/auth/reauthenticate", {"password": person.password}),
    ):
        assert browser.refused(path, **content) == (403, "SESSION_IN_NEED"), path
    assert browser.get("/auth/sessions").status_code == 403
    with connect(
        f"{str(browser.http.base_url).replace('http', 'ws').rstrip('/')}/graphql",
        additional_headers={"cookie": f"portico={browser.token}"},
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        compression=None,
    ) as socket:
        socket.send('{"type":"connection_init"}')
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("need", list(SessionNeed))
def test_a_session_in_need_is_nobody_however_queries_are_answered(
    settings: Settings, serve: Any, person: Person, superuser: Engine, need: SessionNeed, compiled: bool
) -> None:
    """Also where its rights were read, and its plan made, a moment before."""
    process = Process(settings.model_copy(update={"compiled": compiled}))
    with serve(create_app(process)) as origin, httpx2.Client(base_url=origin, timeout=20) as http:

        def asked() -> int:
            return http.post("/graphql", json=VIEWER, headers=person.bearer).status_code

        assert asked() == 200
        with superuser.begin() as connection:
            setting = text("update session set needs = :n where user_id = :u")
            connection.execute(setting, {"n": need.value, "u": person.user_id})
        assert asked() == 401


def test_a_code_works_once(browsing: Browsing, person: Person) -> None:
    first = browsing()
    first.sign_in(person)
    generator, _ = first.add_generator()
    browsers = [browsing() for _ in range(6)]
    for one in browsers:
        assert one.sign_in(person)["needs"] == "SECOND_FACTOR"
    # The code that confirmed the generator is used up as well.
    assert browsers[0].refused("/auth/second-factor", code=first.code(generator)) == (401, "INVALID_CODE")
    code = first.next_code(generator)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda one: one.post("/auth/second-factor", code=code).status_code, browsers[:5]))
    assert sorted(answers) == [200, 401, 401, 401, 401]
    # Nor does one from before a code that was used.
    earlier = generator.at(first.clock.now.timestamp() - 30)
    assert browsers[5].refused("/auth/second-factor", code=earlier) == (401, "INVALID_CODE")


@pytest.mark.parametrize(("seconds", "status"), [(-60, 401), (-30, 200), (30, 200), (60, 401)])
def test_clocks_may_differ_by_half_a_minute(browser: Browser, person: Person, seconds: int, status: int) -> None:
    browser.sign_in(person)
    generator, _ = browser.add_generator()
    browser.sign_in(person)
    browser.clock.go_on(600)
    code = generator.at(browser.clock.now.timestamp() + seconds)
    assert browser.post("/auth/second-factor", code=code).status_code == status


def test_a_recovery_code_works_once(browser: Browser, person: Person, superuser: Engine) -> None:
    browser.sign_in(person)
    _, recovery = browser.add_generator()
    with superuser.connect() as connection:
        kept = connection.execute(text("select code_hash from recovery_code where user_id = :u"), {"u": person.user_id})
        assert not any(code.encode() in row.code_hash for row in kept for code in recovery)
    browser.sign_in(person)
    assert browser.ok("/auth/second-factor", recoveryCode=recovery[3].upper().replace("-", " ")) == {"needs": None}
    assert browser.standing()["factors"]["recoveryCodes"] == 9
    browser.sign_in(person)
    assert browser.refused("/auth/second-factor", recoveryCode=recovery[3]) == (401, "INVALID_CODE")
    assert browser.ok("/auth/second-factor", recoveryCode=recovery[4]) == {"needs": None}
    fresh = browser.ok("/auth/recovery-codes")["recoveryCodes"]
    assert len(fresh) == 10
    browser.sign_in(person)
    assert browser.refused("/auth/second-factor", recoveryCode=recovery[0]) == (401, "INVALID_CODE")
    assert browser.ok("/auth/second-factor", recoveryCode=fresh[0]) == {"needs": None}


def test_the_secret_is_kept_encrypted_and_bound_to_its_owner(
    browsing: Browsing, person: Person, enrol: Any, superuser: Engine
) -> None:
    mine, theirs, other = browsing(), browsing(), enrol()
    mine.sign_in(person)
    generator, _ = mine.add_generator()
    theirs.sign_in(other)
    theirs.add_generator()
    with superuser.begin() as connection:
        sealed = connection.execute(
            text("select secret from authenticator where user_id = :u"), {"u": person.user_id}
        ).scalar_one()
        assert generator.secret.encode() not in sealed
        # Whoever can write to the table still cannot put their own generator in somebody else's place.
        connection.execute(
            text("update authenticator set secret = :s, last_step = null where user_id = :u"),
            {"s": sealed, "u": other.user_id},
        )
    theirs.sign_in(other)
    assert theirs.refused("/auth/second-factor", code=mine.next_code(generator)) == (401, "INVALID_CODE")


def test_guessing_codes_is_slowed_down(browser: Browser, person: Person) -> None:
    browser.sign_in(person)
    browser.add_generator()
    browser.sign_in(person)
    statuses = [browser.post("/auth/second-factor", code=f"{number:06}").status_code for number in range(12)]
    assert statuses[:6] == [401] * 6
    assert statuses[6:].count(401) <= 2
    assert statuses[-1] == 429
    # A new sign-in does not begin anew: it is the account that is being guessed.
    assert browser.refused("/auth/second-factor", code="000000") == (429, "TOO_MANY_ATTEMPTS")


def test_what_is_changed_takes_a_proof_of_a_moment_ago(browser: Browser, person: Person, superuser: Engine) -> None:
    browser.sign_in(person)
    generator, _ = browser.add_generator()
    long_ago(superuser, person)
    assert not browser.standing()["recentlyAuthenticated"]
    for path in ("/auth/totp/begin", "/auth/totp/remove", "/auth/recovery-codes", "/auth/passkey/register/options"):
        assert browser.refused(path) == (403, "REAUTHENTICATION_REQUIRED"), path
    assert browser.acts()
    assert browser.refused("/auth/reauthenticate", password="wrong password") == (401, "INVALID_CREDENTIALS")
    assert browser.refused("/auth/reauthenticate", code="000000") == (401, "INVALID_CODE")
    before = browser.token
    browser.ok("/auth/reauthenticate", password=person.password)
    assert browser.token != before
    assert not browser.acts(before)
    long_ago(superuser, person)
    browser.ok("/auth/reauthenticate", code=browser.next_code(generator))
    assert browser.standing()["recentlyAuthenticated"]
    browser.ok("/auth/totp/remove")
    assert browser.standing()["factors"] == {"totp": False, "passkeys": 0, "recoveryCodes": 0}
    assert browser.sign_in(person)["needs"] is None


def test_guesses_of_the_password_count_wherever_they_are_made(browser: Browser, person: Person) -> None:
    browser.sign_in(person)
    statuses = [browser.post("/auth/reauthenticate", password="wrong password").status_code for _ in range(8)]
    assert statuses[:6] == [401] * 6
    assert statuses[-1] == 429
    assert browser.refused("/auth/sign-in", email=person.email, password="wrong")[0] == 429


def test_a_new_generator_takes_the_place_of_the_old(browser: Browser, person: Person) -> None:
    browser.sign_in(person)
    old, _ = browser.add_generator()
    begun = pyotp.TOTP(browser.ok("/auth/totp/begin")["secret"])
    assert browser.refused("/auth/totp/confirm", code=browser.next_code(old)) == (401, "INVALID_CODE")
    answer = browser.ok("/auth/totp/confirm", code=browser.next_code(begun))
    # The recovery codes of before are still good.
    assert answer == {"recoveryCodes": None, "needs": None}
    assert browser.refused("/auth/totp/confirm", code=browser.next_code(begun)) == (409, "TOTP_NOT_BEGUN")
    browser.sign_in(person)
    assert browser.refused("/auth/second-factor", code=browser.next_code(old)) == (401, "INVALID_CODE")
    assert browser.ok("/auth/second-factor", code=browser.next_code(begun)) == {"needs": None}


def test_the_picture_holds_what_a_generator_needs(browser: Browser, person: Person) -> None:
    browser.sign_in(person)
    answer = browser.ok("/auth/totp/begin")
    assert answer["svg"].startswith("<svg")
    read = pyotp.parse_uri(answer["uri"])
    assert (read.secret, read.name, read.issuer) == (answer["secret"], person.email, "Portico")


def test_without_a_factor_there_are_no_recovery_codes(browser: Browser, person: Person) -> None:
    browser.sign_in(person)
    assert browser.refused("/auth/recovery-codes") == (409, "NO_SECOND_FACTOR")
    assert browser.refused("/auth/totp/remove") == (404, "NOT_FOUND")
    assert browser.get("/auth/factors").json() == {"totp": None, "passkeys": [], "recoveryCodes": 0, "required": False}
