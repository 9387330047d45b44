"""What the README says to try, done on the demo in two browsers, word by word."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.app import create_app
from server.demo import prepared
from server.demo.people import PASSWORD
from server.process import Process
from server.settings import Settings
from tests.portal.conftest import letter, live, sign_in
from tests.portal.test_portal import assert_not_reloaded, watch_reloads
from tests.server.serving import serving

INVITED = "fergus.doyle.11@northgateretailgroup.example"


@pytest.fixture
def demo(fresh_database_url: str, tmp_path: Path) -> Generator[str]:
    """The demo, as `make demo` serves it."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(prepared(fresh_database_url))).result()
    settings = Settings(
        database_url=fresh_database_url, data_dir=tmp_path, graphiql=True, mailbox=True, worker_inside=True
    )
    with serving(create_app(Process(settings))) as origin:
        yield origin


def test_a_newcomer_invites_somebody_takes_a_right_away_and_sees_the_page_change(browser: Browser, demo: str) -> None:
    one = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    two = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    staff, guest = one.new_page(), two.new_page()

    sign_in(staff, demo, "access@aldgate.example", PASSWORD)
    live(staff)
    staff.get_by_role("link", name="Access", exact=True).click()
    staff.get_by_label("Find a person or organization").fill("Northgate")
    staff.get_by_role("link", name="Northgate Retail Group", exact=True).click()
    staff.get_by_role("button", name="Invite somebody").click()
    form = staff.get_by_role("region", name="Invite to the portal")
    form.get_by_label("Contact", exact=True).select_option(label=f"Fergus Doyle · {INVITED}")
    form.get_by_role("checkbox", name="Activity").check()
    form.get_by_role("checkbox", name="Incident").check()
    form.get_by_role("button", name="Send the invitation").click()
    expect(staff.get_by_test_id("invitation")).to_contain_text(INVITED)

    _arrive(guest, demo)
    guest.get_by_role("link", name="Reports", exact=True).first.click()
    expect(guest.get_by_text("Incident report").first).to_be_visible()
    live(guest)
    watch_reloads(guest)

    staff.get_by_role("link", name="Fergus Doyle").click()
    incidents = staff.get_by_role("checkbox", name="Incident reports at Northgate Retail Group")
    incidents.uncheck()
    expect(staff.get_by_test_id("vanishes")).to_contain_text("Incident report")
    expect(guest.get_by_text("Incident report").first).to_be_visible()
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(guest.get_by_text("Incident report")).to_have_count(0)
    expect(guest.get_by_text("Activity report").first).to_be_visible()
    expect(guest.get_by_test_id("announcement").first).to_be_visible()
    incidents.check()
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(guest.get_by_text("Incident report").first).to_be_visible()
    assert_not_reloaded(guest)
    one.close()
    two.close()


def _arrive(page: Page, origin: str) -> None:
    page.goto(letter(page, origin, INVITED, "invitation"))
    page.get_by_label("Password", exact=True).fill("eleven quiet lanterns")
    page.get_by_role("button", name="Accept and open the portal").click()
    page.get_by_role("heading", level=1).filter(has_text="Good").wait_for()
