"""Every page at phone and desktop width, in light and dark: nothing scrolls sideways, and axe finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

import models
from resolvers.ids import encode
from tests.portal.conftest import Portal, assert_accessible, sign_in

SIZES = {"phone": (390, 844), "desktop": (1440, 900)}
NOWHERE = "rep_00000000000000000000000000000000"


def opened(browser: Browser, size: str, scheme: str) -> Page:
    width, height = SIZES[size]
    # axe is put into the page, which its policy would forbid.
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
        bypass_csp=True,
    )
    return context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_usable_and_axe_finds_nothing(
    browser: Browser, portal: Portal, clients: Path, size: str, scheme: str
) -> None:
    page = opened(browser, size, scheme)
    origin, company = portal.origins[0], portal.company
    sign_in(page, origin, "pat@northwind.example")
    report, figured = (encode(models.Report, company.reports[number].id) for number in (1, 0))
    site = encode(models.Site, company.sites[0].id)
    person = encode(models.Contact, company.contact.id)
    page.goto(f"{origin}/jobs")
    page.get_by_text("Night patrol, Leeds Store").click()
    page.get_by_role("heading", name="How it went").wait_for()
    job = page.url.removeprefix(origin)
    for name, path, text in (
        ("overview", "/", "Leeds Store"),
        ("sites", "/sites", "Hamburg Depot"),
        ("site", f"/sites/{site}", "Noor Vance"),
        ("jobs", "/jobs", "Night patrol, Leeds Store"),
        ("job", job, "Scheduled"),
        ("request", "/request", "What it is about"),
        ("reports", "/reports", "Incident at Leeds Store"),
        ("report", f"/reports/{report}", "All doors closed."),
        ("figures", f"/reports/{figured}", "Answered in time"),
        ("people", "/people", "Noor Vance"),
        ("person", f"/people/{person}", "Site manager"),
        ("notices", "/notices", "No notices"),
        ("account", "/account", "This device"),
        ("gone", f"/reports/{NOWHERE}", "available"),
        ("nowhere", "/no/such/page", "no such page"),
    ):
        page.goto(origin + path)
        page.get_by_text(text).first.wait_for()
        assert_accessible(page, clients, f"{name}-{size}-{scheme}")
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_door_is_usable_and_axe_finds_nothing(
    browser: Browser, portal: Portal, clients: Path, size: str, scheme: str
) -> None:
    page = opened(browser, size, scheme)
    for name, path, text in (
        ("sign-in", "/", "Forgotten your password?"),
        ("dead-link", "/invitation#nothing", "does not work any more"),
        ("confirm-email", "/confirm-email#nothing", "Confirm your new address"),
        ("sso-failed", "/sign-in#error=SSO_REFUSED", "refused or broken off"),
    ):
        page.goto("about:blank")
        page.goto(portal.origins[0] + path)
        page.get_by_text(text).first.wait_for()
        assert_accessible(page, clients, f"{name}-{size}-{scheme}")
    page.goto(portal.origins[0])
    page.get_by_text("Forgotten your password?").click()
    page.get_by_role("button", name="Send the link").wait_for()
    assert_accessible(page, clients, f"forgotten-{size}-{scheme}")
    page.context.close()
