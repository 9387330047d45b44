"""Single sign-on of the staff, with a provider of other people's making in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from server import identity_providers
from tests.server.provider import HEADERS, Browser, Idp, browsing, parameters, providing
from tests.server.talking import Station, talk
from tests.server.test_audits import clients
from tests.world.mirror import plain

__all__ = ["clients"]

CLERK = {"email": "clerk@acme.example", "email_verified": True, "name": "Clara Clerk"}
VIEWER = "{ viewer { name permissions user { grants(first: 50) { nodes { name cause } } } } }"
SESSION_COOKIE = "portico"


@pytest.fixture
def idp(own_station: Station, clients: Path) -> Iterator[Idp]:
    with providing(own_station, clients) as made:
        made.trusted()
        yield made


@pytest.fixture
def browser(own_station: Station) -> Iterator[Browser]:
    with browsing(own_station) as made:
        yield made


def failed(response: httpx2.Response, code: str) -> None:
    """The browser is sent to the page for signing in, and nobody is signed in."""
    assert (response.status_code, response.headers["location"]) == (303, f"/sign-in#error={code}")
    assert not any(one.startswith(f"{SESSION_COOKIE}=") for one in response.headers.get_list("set-cookie"))


def grants(browser: Browser) -> list[tuple[str, str]]:
    nodes = browser.ask(VIEWER)["data"]["viewer"]["user"]["grants"]["nodes"]
    return sorted((one["name"], one["cause"]) for one in nodes)


def test_there_and_back_with_the_roles_of_ones_groups(idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK, groups=["ops", "nothing of ours"])
    back = browser.sign_in(**{"return": "/organizations?x=1"})
    assert (back.status_code, back.headers["location"]) == (303, "/organizations?x=1")
    assert browser.ask(VIEWER)["data"]["viewer"]["name"] == "Clerk"
    assert grants(browser) == [("clients.view", "MANUAL"), ("dispatcher", "GROUP:ops")]
    # The second time they are known by their subject, whatever their address is.
    idp.knows("u-1", email="other@elsewhere.example", email_verified=False, groups=["ops", "money"])
    browser.http.cookies.clear()
    browser.sign_in()
    assert grants(browser) == [
        ("clients.view", "MANUAL"), ("dispatcher", "GROUP:ops"), ("finance", "GROUP:money"),
    ]  # fmt: skip
    idp.knows("u-1")
    browser.http.cookies.clear()
    browser.sign_in()
    assert grants(browser) == [("clients.view", "MANUAL")]


def test_what_the_browser_is_given_to_keep_says_nothing(idp: Idp, browser: Browser) -> None:
    asked = parameters(browser.leave())
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{idp.station.origin}/auth/sso/acme/callback"
    assert asked["scope"].split() == ["openid", "email", "profile", "groups"]
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    (kept,) = [one for one in browser.http.cookies.jar if one.name == "portico-sso"]
    assert asked["state"] not in str(kept.value)
    assert kept.has_nonstandard_attr("HttpOnly")
    assert kept.get_nonstandard_attr("SameSite") == "Lax"


def test_whoever_signs_out_is_told_where_to_sign_out_too(idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK)
    browser.sign_in()
    told = browser.post("/auth/sign-out", {}).json()["redirect"]
    assert told.startswith(f"{idp.issuer}/session/end?")
    assert parameters(told) == {
        "client_id": "portico", "post_logout_redirect_uri": f"{idp.station.origin}/sign-in",
    }  # fmt: skip
    assert browser.http.get(told).status_code == 200
    assert browser.ask(VIEWER)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert browser.post("/auth/sign-out", {}).json() == {"redirect": None}


def test_an_answer_is_taken_once_in_the_browser_that_asked_and_in_no_other(idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK)
    url = browser.sign_in_there(browser.leave())
    with browsing(idp.station) as other:
        failed(other.http.get(url), "SSO_STATE_INVALID")
        other.leave()
        failed(other.http.get(url), "SSO_STATE_INVALID")
    wrong = url.replace(f"state={parameters(url)['state']}", "state=guessed")
    kept = browser.cookies()
    failed(browser.http.get(wrong), "SSO_STATE_INVALID")
    assert "portico-sso" not in browser.cookies()
    # Had the browser not forgotten what it kept, it would come in, and only once.
    assert browser.go_with(kept, url).headers["location"] == "/"
    failed(browser.http.get(url), "SSO_STATE_INVALID")
    failed(browser.go_with(kept, url), "SSO_REFUSED")


def test_a_code_of_another_attempt_is_not_taken(idp: Idp, browser: Browser) -> None:
    """An attacker's code in a victim's browser would sign the victim in as the attacker."""
    idp.knows("u-attacker", **CLERK)
    with browsing(idp.station) as attacker:
        stolen = parameters(attacker.sign_in_there(attacker.leave()))["code"]
    url = browser.sign_in_there(browser.leave())
    failed(browser.http.get(url.replace(parameters(url)["code"], stolen)), "SSO_REFUSED")


def test_an_answer_that_names_another_provider_is_not_taken(idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK)
    url = browser.sign_in_there(browser.leave())
    assert "iss=" in url
    for mixed in (url.split("&iss=")[0], url.split("&iss=")[0] + "&iss=https%3A%2F%2Fevil.example"):
        failed(browser.go_with(browser.cookies(), mixed), "SSO_REFUSED")


NOBODY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("the address is not verified", {"email": "clerk@acme.example", "email_verified": False}),
    ("whether it is verified is said in words", {"email": "clerk@acme.example", "email_verified": "true"}),
    ("there is no address", {"name": "Clara"}),
    ("nobody has the address", {"email": "nobody.at.all@acme.example", "email_verified": True}),
    ("it is a client's", {"email": "portal_manager@acme.example", "email_verified": True}),
    ("it is of another tenant", {"email": "foreign_administrator@umbra.example", "email_verified": True}),
    ("the user is suspended", {"email": "sue@acme.example", "email_verified": True}),
)


@pytest.mark.parametrize("claims", [one[1] for one in NOBODY], ids=[one[0] for one in NOBODY])
def test_nobody_is_let_in_who_is_not_known_for_certain(claims: dict[str, Any], idp: Idp, browser: Browser) -> None:
    idp.knows("u-9", **claims, groups=["ops"])
    failed(browser.sign_in(), "SSO_NO_ACCOUNT")
    with psycopg.connect(plain(idp.station.place.url)) as connection:
        assert connection.execute("select count(*) from staff_identity").fetchone() == (0,)


def test_an_address_that_passed_to_another_person_does_not_pass_the_account_on(idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK)
    browser.sign_in()
    idp.knows("u-2", **CLERK)
    with browsing(idp.station) as other:
        failed(other.sign_in(), "SSO_NO_ACCOUNT")


def test_new_colleagues_are_created_where_that_is_wanted(idp: Idp, browser: Browser) -> None:
    idp.trusted(provisions=True)
    idp.knows("u-7", email="New.Colleague@acme.example", email_verified=True, name="Nia New", groups=["money"])
    assert browser.sign_in().headers["location"] == "/"
    told = browser.ask("{ viewer { name email } }")["data"]["viewer"]
    assert told == {"name": "Nia New", "email": "new.colleague@acme.example"}
    assert grants(browser) == [("finance", "GROUP:money")]


def test_whoever_was_invited_needs_no_password_here(idp: Idp, browser: Browser) -> None:
    idp.knows("u-3", email="ina@acme.example", email_verified=True)
    browser.sign_in()
    state = browser.http.get(f"{idp.station.origin}/auth/session", headers=HEADERS).json()
    assert (state["signedIn"], state["needs"]) == (True, None)


def test_whoever_is_suspended_stays_out(idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK)
    browser.sign_in()
    idp.station.command("administrator", "suspendUser", id=idp.station.place.world.users["clerk"])
    assert browser.ask(VIEWER)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    failed(browser.sign_in(), "SSO_NO_ACCOUNT")


def test_a_refusal_and_a_provider_that_is_gone_are_told(idp: Idp, browser: Browser) -> None:
    idp.knows(None)
    failed(browser.sign_in(), "SSO_REFUSED")
    idp.knows("u-1", **CLERK)
    url = browser.sign_in_there(browser.leave())
    idp.process.kill()
    idp.process.wait()
    failed(browser.http.get(url), "SSO_UNAVAILABLE")
    idp.trusted(slug="gone", issuer="http://127.0.0.1:9")
    failed(browser.http.get(f"{idp.station.origin}/auth/sso/acme/start?provider=gone"), "SSO_UNAVAILABLE")


@pytest.mark.parametrize(
    "given", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_nobody_is_sent_elsewhere_afterwards(given: str, idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK)
    assert browser.sign_in(**{"return": given}).headers["location"] == "/"


def test_the_ways_there_are(idp: Idp, browser: Browser) -> None:
    def ways(query: str) -> Any:
        return browser.http.get(f"{idp.station.origin}/auth/ways?{query}").json()["ways"]

    password = {"kind": "password"}
    corporate = {
        "kind": "sso", "tenant": "acme", "provider": "corp", "label": "Corporate",
        "start": "/auth/sso/acme/start?provider=corp",
    }  # fmt: skip
    assert ways("tenant=acme") == [password, corporate]
    assert ways("email=clerk@acme.example") == ways("email=nobody.ever@ACME.example") == [password, corporate]
    for query in ("tenant=umbra", "tenant=unknown", "email=x@elsewhere.example", "email=acme.example", ""):
        assert ways(query) == [password]
    for path in ("acme/start?provider=other", "umbra/start?provider=corp", "unknown/start?provider=corp", "acme/start"):
        refused = browser.http.get(f"{idp.station.origin}/auth/sso/{path}")
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "SSO_UNKNOWN")


async def test_a_group_that_is_left_takes_its_role_from_open_pages(idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK, groups=["ops"])
    await asyncio.to_thread(browser.sign_in)
    async with talk(idp.station, "clerk") as page:
        await page.subscribe("a", "subscription { access { permissions } }")
        assert "DISPATCH_JOBS" in (await page.data("a"))["access"]["permissions"]
        idp.knows("u-1", **CLERK, groups=[])
        with browsing(idp.station) as again:
            await asyncio.to_thread(again.sign_in)
        assert (await page.data("a"))["access"]["permissions"] == ["VIEW_CLIENTS"]
        assert await page.waiting("a") == []


async def test_a_provider_that_is_not_trusted_any_more_leaves_nobody_signed_in(idp: Idp, browser: Browser) -> None:
    idp.knows("u-1", **CLERK, groups=["ops"])
    await asyncio.to_thread(browser.sign_in)
    now = datetime.now(UTC)
    await asyncio.to_thread(idp.in_office, lambda opened: identity_providers.distrust(opened, "acme", "corp", now))
    assert browser.ask(VIEWER)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    kept = idp.station.ask("clerk", VIEWER)["viewer"]["user"]["grants"]["nodes"]
    assert kept == [{"name": "clients.view", "cause": "MANUAL"}]
    assert (await asyncio.to_thread(browser.http.get, f"{idp.station.origin}/auth/ways?tenant=acme")).json() == {
        "ways": [{"kind": "password"}]
    }
