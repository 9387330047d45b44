"""What the staff does for others: a second factor that was lost, and who may do what."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.sync_api import Page, expect
from pyotp.totp import TOTP

from resolvers.ids import encode
from tests.portal.conftest import Portal
from tests.portal.test_workspace import ada, enter, pat

__all__ = ["ada", "pat"]


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
