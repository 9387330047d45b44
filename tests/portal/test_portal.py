"""The portal as its people use it: what is taken away elsewhere vanishes, what is given appears, and nobody reloads."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import models
from resolvers.ids import encode
from tests.portal.conftest import Portal, command, live, sign_in

REVOKE = "mutation($id: ID!) { revokeAccess(input: {id: $id}) { userErrors { code } } }"
GRANT = """mutation($user: ID!, $place: ID!) {
  grantAccess(input: {userId: $user, placeId: $place, name: "reports"}) { userErrors { code } }
}"""
SUSPEND = "mutation($id: ID!) { suspendUser(input: {id: $id}) { userErrors { code } } }"


@pytest.fixture
def pat(browser: Browser, portal: Portal) -> Any:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, portal.origins[0], "pat@northwind.example")
    live(page)
    yield page
    context.close()


@pytest.fixture
def ada(browser: Browser, portal: Portal) -> Any:
    """Somebody of the staff, in a browser of their own, on the other process."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, portal.origins[1], "ada@meridian.example")
    yield page
    context.close()


def revoke(portal: Portal, page: Page) -> None:
    command(page, REVOKE, id=encode(models.Grant, portal.company.grant.id))


def grant(portal: Portal, page: Page) -> None:
    user = encode(models.User, portal.company.pat.id)
    command(page, GRANT, user=user, place=encode(models.Site, portal.company.sites[1].id))


def watch_reloads(page: Page) -> None:
    page.evaluate("window.stillTheSamePage = true")


def assert_not_reloaded(page: Page) -> None:
    assert page.evaluate("window.stillTheSamePage") is True


def test_a_right_taken_away_elsewhere_makes_the_reports_vanish_and_given_back_appear(
    portal: Portal, pat: Page, ada: Page
) -> None:
    pat.get_by_role("link", name="Reports", exact=True).first.click()
    expect(pat.get_by_text("Incident at Hamburg Depot")).to_be_visible()
    live(pat)
    watch_reloads(pat)
    revoke(portal, ada)
    expect(pat.get_by_text("Incident at Hamburg Depot")).to_have_count(0)
    expect(pat.get_by_text("Incident at Leeds Store")).to_be_visible()
    expect(pat.get_by_test_id("announcement").first).to_contain_text("Hamburg Depot")
    grant(portal, ada)
    expect(pat.get_by_text("Incident at Hamburg Depot")).to_be_visible()
    assert_not_reloaded(pat)


def test_an_open_report_that_is_taken_away_says_so_calmly(portal: Portal, pat: Page, ada: Page) -> None:
    pat.get_by_role("link", name="Reports", exact=True).first.click()
    pat.get_by_text("Inspection at Hamburg Depot").click()
    expect(pat.get_by_text("All doors closed.")).to_be_visible()
    live(pat)
    watch_reloads(pat)
    revoke(portal, ada)
    expect(pat.get_by_text("All doors closed.")).to_have_count(0)
    expect(pat.get_by_role("heading", level=1)).to_be_focused()
    assert "Nothing to report" not in pat.content()
    assert_not_reloaded(pat)


def test_a_suspended_user_is_shown_out(portal: Portal, pat: Page, ada: Page) -> None:
    command(ada, SUSPEND, id=encode(models.User, portal.company.pat.id))
    expect(pat.get_by_text("You have been signed out")).to_be_visible()
    assert "Leeds Store" not in pat.content()


def test_the_wrong_password_is_told_without_telling_more(browser: Browser, portal: Portal) -> None:
    page = browser.new_page()
    page.goto(portal.origins[0])
    page.get_by_label("E-mail").fill("pat@northwind.example")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    page.close()


def test_times_are_shown_in_the_sites_zone(pat: Page) -> None:
    pat.get_by_role("link", name="Jobs", exact=True).first.click()
    # 20:00 in UTC on a summer day: 21:00 in London, 22:00 in Berlin.
    expect(pat.get_by_text("21:00 BST").first).to_be_visible()
    expect(pat.get_by_text("22:00").first).to_be_visible()


def test_the_page_carries_no_foreign_address(pat: Page, portal: Portal) -> None:
    asked: list[str] = []
    pat.on("request", lambda request: asked.append(request.url))
    pat.goto(portal.origins[0] + "/graphiql")
    pat.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith((portal.origins[0], "data:", "blob:"))] == []
