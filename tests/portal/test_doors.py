"""The ways in, as people take them: by a letter's link, with a password to be chosen, with a second proof."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp.totp import TOTP

import models
from resolvers.ids import encode
from tests.portal.company import PASSWORD
from tests.portal.conftest import Portal, command, letter, live, sign_in

PAT = "pat@northwind.example"
NOOR = "noor@northwind.example"
CHOSEN = "bright copper kettles"
INVITE = """mutation($contact: ID!, $place: ID!, $delivery: InvitationDelivery!) {
  invitePortalUser(input: {contactId: $contact, delivery: $delivery, role: "portal_viewer", placeIds: [$place]}) {
    invitation { status } userErrors { code message }
  }
}"""


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.fixture
def ada(browser: Browser, portal: Portal) -> Generator[Page]:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, portal.origins[1], "ada@meridian.example")
    yield page
    context.close()


def invite(portal: Portal, ada: Page, delivery: str) -> None:
    contact = encode(models.Contact, portal.company.contact.id)
    place = encode(models.Site, portal.company.sites[0].id)
    command(ada, INVITE, contact=contact, place=place, delivery=delivery)


def inside(page: Page) -> None:
    page.get_by_role("heading", level=1).filter(has_text="Good").wait_for()


def typed(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_an_invitation_is_accepted_once_and_its_secret_leaves_the_address(
    portal: Portal, page: Page, ada: Page
) -> None:
    invite(portal, ada, "LINK")
    link = letter(page, portal.origins[0], NOOR, "invitation")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Noor")
    assert page.url == portal.origins[0] + "/"
    expect(page.get_by_label("E-mail")).to_have_value(NOOR)
    page.get_by_label("Password", exact=True).fill("noor vance")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("alert")).to_contain_text("your name, address or organization")
    page.get_by_label("Password", exact=True).fill(CHOSEN)
    expect(page.get_by_text("Hard to guess.")).to_be_visible()
    page.get_by_role("button", name="Accept").click()
    inside(page)
    expect(page.get_by_role("link", name="Leeds Store").first).to_be_visible()
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work any more")


def test_a_temporary_password_opens_nothing_but_the_choice_of_another(portal: Portal, page: Page, ada: Page) -> None:
    invite(portal, ada, "TEMPORARY_PASSWORD")
    sent = temporary_password(page, portal.origins[0])
    page.goto(portal.origins[0])
    typed(page, NOOR, sent)
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a password of your own")
    page.goto(portal.origins[0] + "/reports")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a password of your own")
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reports")


def temporary_password(page: Page, origin: str) -> str:
    """As it stands in the letter, on a line of its own between the label and what follows."""
    for _ in range(100):
        page.goto(f"{origin}/mailbox?to={NOOR}")
        shown = page.locator("pre, code, article").all_inner_texts()
        found = [line.strip() for text in shown for line in text.splitlines() if is_password(line.strip())]
        if found:
            return found[0]
        page.wait_for_timeout(100)
    raise AssertionError("no temporary password")


def is_password(line: str) -> bool:
    return 8 <= len(line) <= 40 and " " not in line and "@" not in line and ":" not in line and "/" not in line


def test_a_forgotten_password_is_set_anew_and_every_other_session_ends(
    browser: Browser, portal: Portal, page: Page
) -> None:
    other = browser.new_page(locale="en-GB")
    sign_in(other, portal.origins[1], PAT)
    live(other)
    page.goto(portal.origins[0])
    page.get_by_text("Forgotten your password?").click()
    page.get_by_label("E-mail").fill(PAT)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    page.goto(letter(page, portal.origins[0], PAT, "reset"))
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_role("button", name="Set the password").click()
    inside(page)
    expect(other.get_by_text("You have been signed out")).to_be_visible()
    other.close()


def test_whether_there_is_an_account_is_not_told(portal: Portal, page: Page) -> None:
    page.goto(portal.origins[0])
    page.get_by_text("Forgotten your password?").click()
    page.get_by_label("E-mail").fill("nobody@northwind.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")


def test_a_second_proof_is_set_up_and_asked_for(browser: Browser, portal: Portal, page: Page) -> None:
    sign_in(page, portal.origins[0], PAT)
    page.goto(portal.origins[0] + "/account")
    page.get_by_role("button", name="Set up an app").click()
    secret = page.locator("code").first.inner_text().replace(" ", "")
    page.get_by_label("Six-digit code").fill(TOTP(secret).now())
    page.get_by_role("button", name="Confirm").click()
    shown = page.get_by_test_id("recovery-codes").locator("li")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_test_id("factors")).to_contain_text("10 left")
    second = browser.new_page(locale="en-GB")
    second.goto(portal.origins[1])
    typed(second, PAT, PASSWORD)
    expect(second.get_by_role("heading", level=1)).to_have_text("One more proof")
    second.get_by_label("Six-digit code").fill("000000")
    second.get_by_role("button", name="Go on").click()
    expect(second.get_by_role("alert")).to_contain_text("does not fit")
    second.get_by_text("use a recovery code").click()
    second.get_by_label("Recovery code").fill(codes[0])
    second.get_by_role("button", name="Go on").click()
    inside(second)
    second.close()


def test_a_new_password_keeps_this_page_and_shows_the_others_out(browser: Browser, portal: Portal, page: Page) -> None:
    sign_in(page, portal.origins[0], PAT)
    other = browser.new_page(locale="en-GB")
    sign_in(other, portal.origins[1], PAT)
    live(other)
    page.goto(portal.origins[0] + "/account")
    live(page)
    page.get_by_role("button", name="Change the password").click()
    page.get_by_label("Present password").fill("not this one")
    page.get_by_label("New password", exact=True).fill(CHOSEN)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_focused()
    expect(other.get_by_text("You have been signed out")).to_be_visible()
    live(page)
    page.get_by_role("link", name="Reports", exact=True).first.click()
    expect(page.get_by_text("Incident at Leeds Store")).to_be_visible()
    other.close()


def test_another_device_is_signed_out_from_here(browser: Browser, portal: Portal, page: Page) -> None:
    sign_in(page, portal.origins[0], PAT)
    other = browser.new_page(locale="en-GB")
    sign_in(other, portal.origins[1], PAT)
    live(other)
    page.goto(portal.origins[0] + "/account")
    expect(page.get_by_test_id("devices").locator("li")).to_have_count(2)
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_test_id("devices").locator("li")).to_have_count(1)
    expect(other.get_by_text("You have been signed out")).to_be_visible()
    other.close()


def test_a_new_address_counts_once_it_is_confirmed(portal: Portal, page: Page) -> None:
    sign_in(page, portal.origins[0], PAT)
    page.goto(portal.origins[0] + "/account")
    page.get_by_role("button", name="Change the address").click()
    page.get_by_label("New e-mail address").fill("pat.moss@northwind.example")
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Send a letter").click()
    page.goto(letter(page, portal.origins[0], "pat.moss@northwind.example", "confirm-email"))
    page.get_by_role("button", name="Confirm the address").click()
    expect(page.get_by_text("You sign in with pat.moss@northwind.example")).to_be_visible()


def test_people_say_how_they_are_called(portal: Portal, page: Page) -> None:
    sign_in(page, portal.origins[0], PAT)
    page.goto(portal.origins[0] + "/account")
    page.get_by_label("Name", exact=True).fill("Patricia Moss")
    page.get_by_label("Language of your mail").select_option(label="Deutsch")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patricia Moss")
    page.reload()
    expect(page.get_by_label("Language of your mail")).to_have_value("DE")
    expect(page.get_by_role("heading", level=1)).to_have_text("Patricia Moss")
