"""The staff's rooms about people and access: what is done there is seen in the other browser, and nobody reloads."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

import models
from auth.permissions import FEATURES, PARTNER_SCOPES, PORTAL_ROLES, REPORT_FEATURES, ROLES
from resolvers.ids import encode
from tests.portal.conftest import Portal, add_ben, assert_accessible, command, letter, live, sign_in
from tests.portal.test_pages import SIZES
from tests.portal.test_portal import assert_not_reloaded, watch_reloads

SOURCES = Path(__file__).parents[2] / "portal_web" / "src"
NEW_PASSWORD = "eleven quiet lanterns"
NOOR = "noor@northwind.example"
CONTACT = """mutation($organization: ID!) {
  createContact(input: {organizationId: $organization, name: "Noor Haddad", email: "noor@northwind.example"}) {
    userErrors { code }
  }
}"""

GRANT = """mutation($user: ID!, $place: ID!) {
  grantAccess(input: {userId: $user, placeId: $place, name: "billing"}) { userErrors { code } }
}"""


@pytest.fixture
def ada(browser: Browser, portal: Portal) -> Generator[Page]:
    """The administrator, on the second process."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, portal.origins[1], "ada@meridian.example")
    live(page)
    yield page
    context.close()


@pytest.fixture
def pat(browser: Browser, portal: Portal) -> Generator[Page]:
    """The client's manager, on the first process."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, portal.origins[0], "pat@northwind.example")
    live(page)
    yield page
    context.close()


def enter(page: Page, *rooms: str) -> None:
    """Go to the rooms about access, and on."""
    page.get_by_role("link", name="Access", exact=True).click()
    for room in rooms:
        page.get_by_role("link", name=room, exact=True).click()


def test_an_invited_person_arrives_and_what_is_taken_in_the_editor_leaves_their_page(
    browser: Browser, portal: Portal, ada: Page
) -> None:
    add_contact(portal, ada)
    enter(ada, "Northwind")
    invite(ada)
    noor = arrive(browser, portal)
    # The invitation was used, and the workspace says so by itself.
    expect(ada.get_by_test_id("invitation")).to_have_count(0)
    noor.get_by_role("link", name="Reports", exact=True).first.click()
    expect(noor.get_by_text("Incident at Hamburg Depot")).to_be_visible()
    live(noor)
    watch_reloads(noor)
    ada.get_by_role("link", name="Noor Haddad").click()
    ada.get_by_role("checkbox", name="Incident reports at Northwind").uncheck()
    gone = ada.get_by_test_id("vanishes")
    expect(gone).to_contain_text(f"Incident reports {incidents(portal)}")
    expect(gone).to_contain_text("Incident at Hamburg Depot")
    expect(ada.get_by_test_id("appears")).to_have_count(0)
    # Nothing has happened yet.
    expect(noor.get_by_text("Incident at Hamburg Depot")).to_be_visible()
    ada.get_by_role("button", name="Save", exact=True).click()
    expect(noor.get_by_text("Incident at Hamburg Depot")).to_have_count(0)
    expect(noor.get_by_text("Activity at Leeds Store")).to_be_visible()
    expect(ada.get_by_test_id("unchanged")).to_contain_text("Saved")
    assert_not_reloaded(noor)
    noor.context.close()


def incidents(portal: Portal, *sites: models.Site) -> int:
    """How many incident reports there are, at these sites or at all."""
    reports = [one for one in portal.company.reports if one.kind is models.ReportKind.INCIDENT]
    return sum(not sites or one.site_id in {site.id for site in sites} for one in reports)


def add_contact(portal: Portal, page: Page) -> None:
    """Somebody of the client who has not been invited."""
    command(page, CONTACT, organization=encode(models.Organization, portal.company.sites[0].organization_id))


def invite(page: Page) -> None:
    """Invite the only contact that can be, to activity and incident reports of the whole organization."""
    page.get_by_role("button", name="Invite somebody").click()
    form = page.get_by_role("region", name="Invite to the portal")
    expect(form.get_by_label("Contact", exact=True)).to_contain_text("Noor Haddad")
    # Whoever is there already is on the list, with the reason why they cannot be chosen.
    expect(form.get_by_label("Contact", exact=True)).to_contain_text("Pat Moss · is in the portal")
    form.get_by_role("checkbox", name="Activity").check()
    form.get_by_role("checkbox", name="Incident").check()
    form.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_test_id("invitation")).to_contain_text("noor@northwind.example")
    expect(page.get_by_test_id("invitation")).to_contain_text("Sent")


def arrive(browser: Browser, portal: Portal) -> Page:
    """Follow the letter's link in a browser of their own."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(letter(page, portal.origins[0], NOOR, "invitation"))
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Accept and open the portal").click()
    page.get_by_role("heading", level=1).filter(has_text="Good").wait_for()
    return page


def test_an_invitation_is_sent_again_and_called_back(portal: Portal, ada: Page) -> None:
    add_contact(portal, ada)
    enter(ada, "Northwind")
    invite(ada)
    first = ada.get_by_test_id("invitation").get_attribute("data-id")
    ada.get_by_role("button", name="Send again to Noor Haddad").click()
    expect(ada.get_by_test_id("invitation")).not_to_have_attribute("data-id", first or "")
    expect(ada.get_by_test_id("invitation")).to_have_count(1)
    ada.get_by_role("button", name="Cancel the invitation of Noor Haddad").click()
    expect(ada.get_by_test_id("invitation")).to_have_count(0)


def test_the_editor_goes_by_keyboard_and_says_what_a_change_would_do(portal: Portal, ada: Page) -> None:
    enter(ada, "Pat Moss")
    expect(ada.get_by_test_id("place")).to_have_count(3)
    jobs = ada.get_by_role("checkbox", name=re.compile("^Jobs at Leeds Store"))
    # The role shows jobs: there is nothing to tick.
    expect(jobs).to_be_checked()
    expect(jobs).to_be_disabled()
    ada.get_by_role("checkbox", name="Contracts at Leeds Store").focus()
    ada.keyboard.press("Space")
    expect(ada.get_by_test_id("preview")).to_contain_text("Nothing appears or vanishes")
    ada.get_by_role("checkbox", name="Incident reports at Leeds Store").uncheck()
    leeds = portal.company.sites[0]
    expect(ada.get_by_test_id("vanishes")).to_contain_text(f"Incident reports {incidents(portal, leeds)}")
    ada.get_by_role("button", name="Discard").click()
    expect(ada.get_by_role("checkbox", name="Incident reports at Leeds Store")).to_be_checked()
    expect(ada.get_by_test_id("unchanged")).to_be_visible()


def test_a_person_is_suspended_from_the_review_and_let_in_again(ada: Page, pat: Page) -> None:
    enter(ada, "Review")
    row = ada.get_by_test_id("reviewed").filter(has_text="Pat Moss")
    expect(row).to_contain_text("1 open session")
    row.get_by_role("button", name="Suspend Pat Moss").click()
    row.get_by_role("button", name="Really suspend Pat Moss").click()
    expect(row).to_contain_text("Suspended")
    expect(pat.get_by_text("You have been signed out")).to_be_visible()
    row.get_by_role("button", name="Reactivate Pat Moss").click()
    expect(row).to_contain_text("Active")


def test_a_partner_gets_a_secret_once_and_scopes(ada: Page) -> None:
    enter(ada, "Partners")
    ada.get_by_role("button", name="Add an application").click()
    ada.get_by_label("Name").fill("Gatehouse feed")
    ada.get_by_role("button", name="Create and show the secret").click()
    secret = ada.get_by_test_id("secret").locator("code").nth(1).inner_text()
    assert len(secret) >= 40
    ada.get_by_test_id("secret").get_by_role("link").click()
    ada.get_by_role("heading", level=1, name="Gatehouse feed").wait_for()
    assert secret not in ada.content()
    ada.get_by_label("Scope", exact=True).select_option("sites:read")
    ada.get_by_label("Organization", exact=True).select_option(label="Northwind")
    ada.get_by_role("button", name="Give", exact=True).click()
    expect(ada.get_by_role("button", name="Take Read sites from Gatehouse feed")).to_be_visible()
    ada.get_by_role("button", name="Add a second secret").click()
    expect(ada.get_by_test_id("secret-row")).to_have_count(2)
    ada.get_by_role("radio", name="Only the fields of a list").check()
    ada.get_by_label("Allowed fields").fill("Site.name Site.secret")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("There is no such field as one of these")).to_be_visible()
    ada.get_by_label("Allowed fields").fill("Site.name")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("Saved", exact=True)).to_be_visible()
    ada.get_by_role("button", name="Disable").click()
    ada.get_by_role("button", name="Really disable").click()
    expect(ada.get_by_role("button", name="Enable")).to_be_visible()


def test_a_client_neither_finds_the_rooms_nor_enters_them(portal: Portal, pat: Page) -> None:
    expect(pat.get_by_role("link", name="Access", exact=True)).to_have_count(0)
    pat.goto(portal.origins[0] + "/access/trail")
    expect(pat.get_by_text("This is not yours to see")).to_be_visible()


def test_somebody_is_viewed_as_and_left_again(ada: Page) -> None:
    enter(ada, "Pat Moss")
    ada.get_by_role("button", name="View as").click()
    expect(ada.get_by_test_id("view-as")).to_contain_text("Pat Moss")
    expect(ada.get_by_role("link", name="Access", exact=True)).to_have_count(0)
    ada.get_by_role("button", name="Back to myself").click()
    expect(ada.get_by_role("link", name="Access", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_room_is_usable_and_axe_finds_nothing(
    browser: Browser, portal: Portal, clients: Path, size: str, scheme: Literal["light", "dark"]
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        bypass_csp=True,
    )
    page = context.new_page()
    sign_in(page, portal.origins[0], "ada@meridian.example")
    organization = encode(models.Organization, portal.company.sites[0].organization_id)
    pat = encode(models.User, portal.company.pat.id)
    command(page, GRANT, user=pat, place=encode(models.Site, portal.company.sites[0].id))
    for name, path, text in (
        ("people", "/access", "Pat Moss"),
        ("invite", f"/access/organizations/{organization}", "Invite somebody"),
        ("editor", f"/access/people/{pat}", "Northwind"),
        ("staff", "/access/staff", "Administrator"),
        ("partners", "/access/partners", "No application yet"),
        ("review", "/access/review", "3 people"),
        ("trail", "/access/trail", "Right given"),
    ):
        page.goto(portal.origins[0] + path)
        page.get_by_text(text).first.wait_for()
        look_closer(page, name)
        assert_accessible(page, clients, f"access-{name}-{size}-{scheme}")
    context.close()


def look_closer(page: Page, name: str) -> None:
    """Open what a room has behind its first view."""
    if name == "invite":
        page.get_by_role("button", name="Invite somebody").click()
        page.get_by_label("Way in").wait_for()
    if name == "staff":
        add_ben(page)
        page.get_by_role("button", name="Give a role").click()
        page.get_by_label("Organization").select_option(label="Northwind")
        page.get_by_label("Site").get_by_role("option", name="Leeds Store").wait_for(state="attached")
    if name == "editor":
        page.get_by_role("checkbox", name="Incident reports at Leeds Store").uncheck()
        page.get_by_test_id("vanishes").wait_for()


def test_every_name_that_can_be_granted_is_offered_and_has_words() -> None:
    source = (SOURCES / "features" / "access" / "grants.ts").read_text()
    lists = {
        name: set(re.findall(r"'([^']+)'", text))
        for name, text in re.findall(r"const (\w+) = \[(.*?)\]", source, re.DOTALL)
    }
    assert lists["PORTAL_ROLES"] == PORTAL_ROLES
    assert lists["STAFF_ROLES"] == ROLES.keys() - PORTAL_ROLES
    assert lists["SCOPES"] == PARTNER_SCOPES.keys()
    assert lists["REPORT_FEATURES"] == set(REPORT_FEATURES.values())
    assert lists["FEATURES"] | lists["REPORT_FEATURES"] | {"reports"} == FEATURES.keys()
    words: dict[str, Any] = json.loads((SOURCES / "messages" / "en.json").read_text())
    named = {id.removeprefix("grant.") for id in words if id.startswith("grant.")}
    assert named == ROLES.keys() | FEATURES.keys() | PARTNER_SCOPES.keys()
