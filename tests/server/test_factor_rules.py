"""Who must have a second factor, what is recorded of it, and who cannot ask for any of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text

from auth.demands import FactorPolicy
from models import UserStatus
from tests.server.conftest import Person
from tests.server.entering import GENUINE, VIEWER, Browser, Browsing


def make_changer_of_access(superuser: Engine, person: Person) -> None:
    with superuser.begin() as connection:
        connection.execute(
            text(
                "insert into access_grant (tenant_id, id, user_id, kind, name) "
                "values (:t, gen_random_uuid(), :u, 'PERMISSION', 'access.portal')"
            ),
            {"t": person.tenant_id, "u": person.user_id},
        )


@pytest.mark.parametrize("process", [FactorPolicy.STAFF], indirect=True)
def test_staff_who_change_access_must_have_one(browsing: Browsing, enrol: Any, superuser: Engine) -> None:
    manager, clerk = enrol(), enrol()
    make_changer_of_access(superuser, manager)
    browser = browsing()
    assert browser.sign_in(clerk)["needs"] is None
    assert browser.sign_in(manager)["needs"] == "FACTOR_ENROLMENT"
    assert not browser.acts()
    before = browser.token
    generator, recovery = browser.add_generator()
    assert len(recovery) == 10
    assert browser.acts()
    assert not browser.acts(before)
    assert browser.get("/auth/factors").json()["required"]
    assert browser.refused("/auth/totp/remove") == (409, "SECOND_FACTOR_REQUIRED")
    assert browser.standing()["factors"]["totp"]
    browser.sign_in(manager)
    assert browser.ok("/auth/second-factor", code=browser.next_code(generator)) == {"needs": None}


@pytest.mark.parametrize("process", [FactorPolicy.EVERYONE], indirect=True)
def test_everyone_may_have_to_have_one(browser: Browser, person: Person) -> None:
    assert browser.sign_in(person)["needs"] == "FACTOR_ENROLMENT"


def test_who_is_suspended_in_between_is_nobody(browser: Browser, person: Person, superuser: Engine) -> None:
    browser.sign_in(person)
    generator, _ = browser.add_generator()
    browser.sign_in(person)
    with superuser.begin() as connection:
        connection.execute(
            text("update app_user set status = :s where id = :u"),
            {"s": UserStatus.SUSPENDED.value, "u": person.user_id},
        )
    assert browser.refused("/auth/second-factor", code=browser.next_code(generator)) == (401, "UNAUTHENTICATED")
    assert browser.standing()["user"] is None


def test_each_change_of_a_factor_is_recorded(browser: Browser, person: Person, superuser: Engine) -> None:
    browser.sign_in(person)
    _, recovery = browser.add_generator()
    browser.ok("/auth/recovery-codes")
    browser.ok("/auth/totp/remove")
    with superuser.connect() as connection:
        rows = connection.execute(
            text("select type, actor_id, data from event where tenant_id = :t order by seq"), {"t": person.tenant_id}
        ).all()
    assert [row.type for row in rows] == ["SecondFactorAdded", "RecoveryCodesRenewed", "SecondFactorRemoved"]
    assert {row.actor_id for row in rows} == {person.user_id}
    assert not any(code in str(row.data) for row in rows for code in recovery)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/auth/second-factor", {}),
        ("/auth/second-factor", {"code": 123456}),
        ("/auth/second-factor", {"code": ""}),
        ("/auth/second-factor", {"recoveryCode": "x" * 65}),
        ("/auth/reauthenticate", {}),
        ("/auth/reauthenticate", {"password": "x", "code": "1"}),
        ("/auth/totp/confirm", {"code": None}),
    ],
)
def test_odd_input_is_refused(browser: Browser, person: Person, path: str, content: Any) -> None:
    browser.sign_in(person)
    assert browser.refused(path, **content) == (400, "BAD_REQUEST")


def test_no_other_site_can_ask_for_any_of_it(browser: Browser, person: Person) -> None:
    browser.sign_in(person)
    browser.add_generator()
    posts = (
        "second-factor reauthenticate totp/begin totp/confirm totp/remove recovery-codes sessions/end "
        "sessions/end-others passkey/options passkey/sign-in passkey/register/options passkey/register passkey/remove"
    )
    for path in posts.split():
        for headers, status in (
            ({}, 403),
            (GENUINE | {"origin": "https://evil.example"}, 403),
            (GENUINE | {"sec-fetch-site": "cross-site"}, 403),
            (GENUINE | {"content-type": "text/plain"}, 415),
        ):
            answer = browser.http.post(f"/auth/{path}", json={}, headers=headers)
            assert answer.status_code == status, (path, headers)
        assert browser.http.get(f"/auth/{path}", headers=GENUINE).status_code == 405
    for path in ("session", "sessions", "factors"):
        assert browser.http.get(f"/auth/{path}").status_code == 403
    assert browser.http.post("/graphql", json=VIEWER, headers=GENUINE).status_code == 200


def test_a_program_is_nobody_here(browser: Browser, person: Person) -> None:
    for path in ("session", "sessions", "factors"):
        answer = browser.http.get(f"/auth/{path}", headers=GENUINE | person.bearer)
        assert (answer.status_code, answer.json().get("user")) == ((200, None) if path == "session" else (401, None))
    for path in ("reauthenticate", "totp/begin", "sessions/end-others"):
        given = {"password": person.password}
        answer = browser.http.post(f"/auth/{path}", json=given, headers=GENUINE | person.bearer)
        assert answer.status_code == 401, path
    assert browser.acts(person.token)
