"""A real browser makes a passkey and signs in with it, by what the service asks and answers, and by nothing else."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.portal.company import PASSWORD
from tests.portal.conftest import Portal

ASK = """async ([path, content]) => {
  const headers = { "content-type": "application/json", "x-portico-client": "test" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(content) });
  const text = await response.text();
  return { status: response.status, content: text ? JSON.parse(text) : null };
}"""
CREATE = """async (asked) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}"""
GET = """async (asked) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}"""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Generator[Page]:
    """A page of the service under a name, for which passkeys can be made, and an authenticator in its machine."""
    context = browser.new_context()
    made = context.new_page()
    devtools = context.new_cdp_session(made)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    made.goto(portal.origins[0].replace("127.0.0.1", "localhost"))
    yield made
    context.close()


def ask(page: Page, path: str, **content: Any) -> Any:
    answer = page.evaluate(ASK, [path, content])
    assert answer["status"] in (200, 204), answer
    return answer["content"]


def test_a_browser_makes_a_passkey_and_signs_in_with_it(page: Page, portal: Portal) -> None:
    email = portal.company.pat.email
    ask(page, "/auth/sign-in", email=email, password=PASSWORD)
    asked = ask(page, "/auth/passkey/register/options")
    credential = page.evaluate(CREATE, asked["publicKey"])
    made = ask(page, "/auth/passkey/register", id=asked["id"], credential=credential, label="This machine")
    assert made["passkey"]["label"] == "This machine"
    assert len(made["recoveryCodes"]) == 10

    # From now on a password alone opens nothing; the passkey alone opens everything.
    assert ask(page, "/auth/sign-in", email=email, password=PASSWORD)["needs"] == "SECOND_FACTOR"
    for _ in range(2):
        asked = ask(page, "/auth/passkey/options")
        credential = page.evaluate(GET, asked["publicKey"])
        assert ask(page, "/auth/passkey/sign-in", id=asked["id"], credential=credential)["needs"] is None
    viewer = ask(page, "/graphql", query="{ viewer { email } }")
    assert viewer == {"data": {"viewer": {"email": email}}}
