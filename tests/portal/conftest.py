"""A real browser before two server processes. Without a browser these tests cannot run; in CI that is a failure."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from server.app import create_app
from server.process import Process
from server.settings import Settings
from tests.portal.company import PASSWORD, Company, build
from tests.server.serving import serving
from tests.server.test_audits import clients

__all__ = ["clients"]

STATIC = Path(__file__).parents[2] / "server" / "static"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PICTURES = Path(__file__).parents[2] / "test-results" / "portal"


@dataclass
class Portal:
    """Two processes serving the same company."""

    origins: tuple[str, str]
    company: Company


@pytest.fixture(scope="package")
def browser() -> Generator[Browser]:
    """Ends with this folder's tests: its driver keeps an event loop running in the thread that started it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield made
        made.close()


@pytest.fixture
def portal(fresh_database_url: str, tmp_path: Path) -> Generator[Portal]:
    assert (STATIC / "index.html").exists(), "build the portal first: make portal"
    company = built(fresh_database_url)
    settings = Settings(
        database_url=fresh_database_url, data_dir=tmp_path, graphiql=True, mailbox=True, worker_inside=True
    )
    with serving(create_app(Process(settings))) as one, serving(create_app(Process(settings))) as two:
        yield Portal((one, two), company)


def built(url: str) -> Company:
    """In a thread of its own: the browser's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(build(url))).result()


def sign_in(page: Page, origin: str, email: str, password: str = PASSWORD) -> None:
    """Sign in as a person would, and wait for the overview."""
    page.goto(origin)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", level=1).filter(has_text="Good").wait_for()


COMMAND = """async ([document, variables]) => {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: {'content-type': 'application/json', 'x-portico-client': 'portal'},
    body: JSON.stringify({query: document, variables}),
  });
  return await answer.json();
}"""


def command(page: Page, document: str, **variables: Any) -> dict[str, Any]:
    """Send a command as the signed-in browser, and return its payload."""
    answer = page.evaluate(COMMAND, [document, variables])
    (payload,) = answer["data"].values()
    assert payload["userErrors"] == [], answer
    return payload


def letter(page: Page, origin: str, to: str, kind: str) -> str:
    """The link of the newest letter of a kind in somebody's mailbox, once it is there."""
    pattern = re.compile(rf"/{kind}#[\w\-]+")
    for _ in range(100):
        found = pattern.search(page.request.get(f"{origin}/mailbox?to={to}").text())
        if found:
            return origin + found[0]
        page.wait_for_timeout(100)
    raise AssertionError(f"no {kind} for {to}")


AXE = "async () => (await axe.run()).violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(' ')}`)"


def assert_accessible(page: Page, clients: Path, name: str) -> None:
    """Nothing scrolls sideways and axe finds nothing; a picture is kept of what was looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    page.add_script_tag(path=clients / "node_modules" / "axe-core" / "axe.min.js")
    assert page.evaluate(AXE) == [], name


def live(page: Page) -> None:
    """Return when the page hears of changes."""
    page.locator("[data-connection=live]").first.wait_for()


def add_ben(page: Page) -> Locator:
    """A member of the staff without a role; returns their row."""
    page.get_by_role("button", name="Add somebody").click()
    page.get_by_label("Name").fill("Ben Ode")
    page.get_by_label("E-mail").fill("ben@meridian.example")
    page.get_by_role("button", name="Add somebody").click()
    return page.get_by_test_id("member").filter(has_text="Ben Ode")


def give_role(member: Locator, role: str, organization: str, site: str | None = None) -> None:
    """Give one of the staff a role at a place, in the form of their row."""
    member.get_by_role("button", name="Give a role").click()
    member.get_by_label("Role").select_option(role)
    member.get_by_label("Organization").select_option(label=organization)
    if site is not None:
        member.get_by_label("Site").select_option(label=site)
    member.get_by_role("button", name="Give", exact=True).click()
