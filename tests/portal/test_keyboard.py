"""A walk through the portal without a mouse: in, to a report, to its site, and out."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.portal.company import PASSWORD
from tests.portal.conftest import Portal

FOCUSED = "document.activeElement.innerText || document.activeElement.getAttribute('aria-label') || ''"
SEEN = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || style.borderColor !== 'rgba(0, 0, 0, 0)';
}"""
FARTHEST = 40


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what is focused bears these words; on the way everything focused can be seen to be."""
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN)
        if words in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{words} is not reached by the keyboard")


def test_everything_is_reached_by_the_keyboard(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(portal.origins[0])
    page.get_by_label("E-mail").focus()
    page.keyboard.type("pat@northwind.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1).filter(has_text="Good").wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    tab_to(page, "Reports")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Reports")).to_be_focused()
    tab_to(page, "Incident at Leeds Store")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Incident at Leeds Store")).to_be_focused()
    tab_to(page, "Leeds Store")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Leeds Store")).to_be_focused()
    page.get_by_role("link", name="Skip to content").focus()
    tab_to(page, "Account and settings")
    page.keyboard.press("Enter")
    tab_to(page, "Sign out")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    context.close()
