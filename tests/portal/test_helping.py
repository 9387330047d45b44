"""What the staff does for others: a second factor that was lost, and who may do what."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from playwright.sync_api import Browser, Page, expect
from pyotp.totp import TOTP
from sqlalchemy import select

from auth.actor import system_actor
from auth.passwords import hashed
from domain import users
from models import User
from models.database import application_engine, writing
from resolvers.ids import encode
from tests.portal.conftest import PASSWORD, Portal, add_ben, give_role, live, sign_in
from tests.portal.test_portal import assert_not_reloaded, watch_reloads
from tests.portal.test_workspace import ada, enter, pat

__all__ = ["ada", "pat"]

BEN = "ben@meridian.example"


def add_generator(page: Page, origin: str) -> None:
    """Give whoever is signed in a second factor, as their account page does."""

    def post(path: str, content: dict[str, str]) -> dict[str, str]:
        headers = {"x-portico-client": "portal", "origin": origin}
        return page.request.post(f"{origin}/auth/totp/{path}", data=content, headers=headers).json()

    code = TOTP(post("begin", {})["secret"]).at(datetime.now(UTC))
    assert post("confirm", {"code": code})["recoveryCodes"]


def test_a_second_factor_that_was_lost_is_reset(portal: Portal, ada: Page, pat: Page) -> None:
    add_generator(pat, portal.origins[0])
    ada.goto(f"{portal.origins[1]}/access/people/{encode(type(portal.company.pat), portal.company.pat.id)}")
    ada.get_by_role("button", name="Reset second factor").click()
    expect(pat.get_by_text("You have been signed out")).to_have_count(0)
    ada.get_by_role("button", name="Really reset it").click()
    expect(ada.get_by_text("Their password is enough now")).to_be_visible()
    expect(pat.get_by_text("You have been signed out")).to_be_visible()
    ada.get_by_role("button", name="Reset second factor").click()
    ada.get_by_role("button", name="Really reset it").click()
    expect(ada.get_by_text("They have no second factor")).to_be_visible()


def test_the_roles_are_shown_as_a_matrix_of_what_they_allow(ada: Page) -> None:
    enter(ada, "Staff")
    matrix = ada.get_by_role("region", name="What each role allows")
    expect(matrix.get_by_role("row")).to_have_count(40)
    heads = matrix.get_by_role("columnheader").all_inner_texts()
    row = matrix.get_by_role("row").filter(has=ada.get_by_role("rowheader", name="Manage portal access", exact=True))
    allowed = [cell.text_content() == "yes" for cell in row.get_by_role("cell").all()]
    assert [head for head, may in zip(heads[1:], allowed, strict=True) if may] == [
        "Administrator",
        "Client access manager",
    ]


def test_a_role_is_given_and_taken_and_the_trail_tells_it(ada: Page) -> None:
    enter(ada, "Staff")
    me = ada.get_by_test_id("member").filter(has_text="Ada Stone")
    expect(me.get_by_role("button")).to_have_count(0)
    ada.get_by_role("button", name="Add somebody").click()
    ada.get_by_label("Name").fill("Ben Ode")
    ada.get_by_label("E-mail").fill("ada@meridian.example")
    ada.get_by_role("button", name="Add somebody").click()
    expect(ada.get_by_text("Somebody else signs in with this address.")).to_be_visible()
    ada.get_by_role("button", name="Cancel").click()
    ben = add_ben(ada)
    give_role(ben, "dispatcher", "Everywhere")
    ben.get_by_role("button", name="Take Dispatcher at Everywhere from Ben Ode").click()
    expect(ben).to_contain_text("No rights yet")
    ada.get_by_role("link", name="Audit trail").click()
    newest = ada.get_by_test_id("entry").first
    expect(newest).to_contain_text("Right taken")
    expect(newest).to_contain_text("Ben Ode")
    expect(newest).to_contain_text("Ada Stone")
    expect(ada.get_by_test_id("chain")).to_have_attribute("data-chain", "holds")
    ada.get_by_label("What happened").select_option("rights")
    expect(ada.get_by_test_id("chain")).to_have_count(0)
    expect(ada.locator("[data-action=UserCreated]")).to_have_count(0)


def test_a_role_given_at_a_site_shows_that_site_alone(
    browser: Browser, portal: Portal, fresh_database_url: str, ada: Page
) -> None:
    enter(ada, "Staff")
    ben = add_ben(ada)
    expect(ben).to_be_visible()
    theirs = _arrive(browser, fresh_database_url, portal)
    expect(theirs.get_by_role("main").get_by_text("No places yet")).to_be_visible()
    give_role(ben, "operations_lead", "Northwind", "Leeds Store")
    expect(ben).to_contain_text("Operations lead · Northwind, Leeds Store")
    expect(theirs.get_by_role("link", name="Leeds Store").first).to_be_visible()
    expect(theirs.get_by_role("link", name="Hamburg Depot")).to_have_count(0)
    give_role(ben, "dispatcher", "Northwind")
    expect(ben.get_by_text("Dispatcher")).to_have_text("Dispatcher · Northwind")
    expect(theirs.get_by_role("link", name="Hamburg Depot").first).to_be_visible()
    give_role(ben, "dispatcher", "Northwind")
    expect(ben.get_by_role("alert").filter(has_text="already")).to_be_visible()
    ben.get_by_role("button", name="Take Dispatcher at Northwind from Ben Ode").click()
    expect(theirs.get_by_role("link", name="Hamburg Depot")).to_have_count(0)
    assert_not_reloaded(theirs)
    theirs.context.close()


async def _let_in(url: str, portal: Portal) -> None:
    """Give Ben a password, as the console does."""
    engine = application_engine(url)
    try:
        async with writing(engine, portal.company.tenant) as session:
            ben = (await session.scalars(select(User).where(User.email == BEN))).one()
            await users.set_password(session, system_actor(portal.company.tenant), ben, await hashed(PASSWORD))
            # He has no session yet, so there is none the fence would have to be raised for.
            session.info.clear()
            await session.commit()
    finally:
        await engine.dispose()


def _arrive(browser: Browser, url: str, portal: Portal) -> Page:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_let_in(url, portal))).result()
    page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800}).new_page()
    sign_in(page, portal.origins[0], BEN)
    live(page)
    page.get_by_role("link", name="Sites", exact=True).first.click()
    watch_reloads(page)
    return page
