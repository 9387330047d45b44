"""What people do in the portal: ask for work, suggest changes, read figures, fetch a report, take another language."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, expect

import models
from resolvers.ids import encode
from tests.portal.conftest import Portal, command, live, sign_in

SCHEDULE = "mutation($id: ID!) { scheduleJob(input: {id: $id}) { userErrors { code message } } }"
DECLINE = """mutation($id: ID!) {
  declineChange(input: {id: $id, reason: "The number is not ours."}) { userErrors { code message } }
}"""
PENDING = "{ changeRequests(first: 1, filter: {status: [PENDING]}) { nodes { id } } }"
ASK = """async (query) => (await (await fetch('/graphql', {
  method: 'POST',
  headers: {'content-type': 'application/json', 'x-portico-client': 'portal'},
  body: JSON.stringify({query}),
})).json()).data"""


@pytest.fixture
def pat(browser: Browser, portal: Portal) -> Generator[Page]:
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Paris")
    page = context.new_page()
    sign_in(page, portal.origins[0], "pat@northwind.example")
    live(page)
    yield page
    context.close()


@pytest.fixture
def ada(browser: Browser, portal: Portal) -> Generator[Page]:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, portal.origins[1], "ada@meridian.example")
    yield page
    context.close()


def test_work_is_asked_for_in_the_sites_time_and_its_answer_arrives_by_itself(pat: Page, ada: Page) -> None:
    pat.get_by_role("link", name="Request work").click()
    pat.get_by_label("Site", exact=True).select_option(label="Hamburg Depot · Northwind")
    pat.get_by_label("What it is about").fill("A guard for the delivery")
    pat.get_by_label("When it suits").fill("2027-07-05T06:30")
    pat.get_by_role("button", name="Send the request").click()
    expect(pat.get_by_role("heading", level=1)).to_have_text("A guard for the delivery")
    expect(pat.get_by_text("Mon, 5 Jul 2027, 06:30").first).to_be_visible()
    expect(pat.get_by_role("button", name="Withdraw the request")).to_be_visible()
    live(pat)
    command(ada, SCHEDULE, id=pat.url.rsplit("/", 1)[1])
    expect(pat.get_by_role("button", name="Withdraw the request")).to_have_count(0)
    expect(pat.get_by_test_id("unread")).to_contain_text("1")
    pat.get_by_role("link", name="Notices").click()
    pat.get_by_text("A guard for the delivery is scheduled").click()
    expect(pat.get_by_test_id("unread")).to_have_count(0)


def test_a_request_is_taken_back(pat: Page) -> None:
    pat.get_by_role("link", name="Request work").click()
    pat.get_by_role("button", name="Send the request").click()
    expect(pat.get_by_role("heading", level=1)).to_have_text("Static guarding")
    pat.get_by_role("button", name="Withdraw the request").click()
    expect(pat.get_by_text("Cancelled").first).to_be_visible()


def test_a_suggested_change_waits_and_its_answer_is_told(pat: Page, ada: Page) -> None:
    pat.get_by_role("link", name="People", exact=True).first.click()
    pat.get_by_role("link", name="Noor Vance").click()
    pat.get_by_role("button", name="Suggest a change").click()
    pat.get_by_label("Phone", exact=True).fill("+441134960999")
    pat.get_by_role("button", name="Send for approval").click()
    expect(pat.get_by_text("Waiting for approval")).to_be_visible()
    expect(pat.get_by_text("+441134960999")).to_be_visible()
    expect(pat.get_by_role("link", name="+441134960123")).to_be_visible()
    live(pat)
    (pending,) = ada.evaluate(ASK, PENDING)["changeRequests"]["nodes"]
    command(ada, DECLINE, id=pending["id"])
    expect(pat.get_by_test_id("unread")).to_contain_text("1")
    expect(pat.get_by_text("Reason: The number is not ours.")).to_be_visible()


def test_figures_are_drawn_and_can_be_read_as_a_table(pat: Page, portal: Portal) -> None:
    pat.goto(f"{portal.origins[0]}/reports/{encode(models.Report, portal.company.reports[0].id)}")
    expect(pat.locator("figure")).to_have_count(2)
    expect(pat.locator("figure svg rect")).to_have_count(10)
    pat.get_by_text("As a table").last.click()
    expect(pat.get_by_role("row", name="Week 8 98")).to_be_visible()


def test_a_report_is_fetched_as_a_file(pat: Page, portal: Portal) -> None:
    pat.goto(f"{portal.origins[0]}/reports/{encode(models.Report, portal.company.reports[0].id)}")
    with pat.expect_download() as fetched:
        pat.get_by_role("link", name="CSV").click()
    assert "Answered in time" in fetched.value.path().read_text()


def test_a_language_is_chosen_and_stays(pat: Page) -> None:
    pat.goto(pat.url.rstrip("/") + "/account")
    pat.get_by_label("Language").last.select_option("es")
    expect(pat.get_by_role("heading", name="Dónde ha iniciado sesión")).to_be_visible()
    assert pat.evaluate("document.documentElement.lang") == "es"
    pat.reload()
    expect(pat.get_by_role("link", name="Informes", exact=True)).to_be_visible()


def test_the_browsers_language_is_spoken(browser: Browser, portal: Portal) -> None:
    for locale, word in (("de-AT", "Anmelden"), ("es-MX", "Iniciar sesión"), ("fi-FI", "Sign in")):
        page = browser.new_page(locale=locale)
        page.goto(portal.origins[0])
        expect(page.get_by_role("heading", level=1)).to_have_text(word)
        page.close()


def test_a_broken_connection_is_taken_up_without_a_reload(pat: Page, ada: Page, portal: Portal) -> None:
    pat.evaluate("window.stillTheSamePage = true")
    pat.context.set_offline(True)
    # The browser keeps a socket that is open; what cannot be reached is found out by its ping, or when it is cut.
    pat.evaluate("dispatchEvent(new Event('offline'))")
    site = encode(models.Site, portal.company.sites[1].id)
    command(ada, "mutation($id: ID!) { limitSite(input: {id: $id}) { userErrors { code } } }", id=site)
    pat.context.set_offline(False)
    pat.get_by_role("link", name="Sites", exact=True).first.click()
    expect(pat.get_by_text("Limited")).to_be_visible()
    assert pat.evaluate("window.stillTheSamePage") is True
