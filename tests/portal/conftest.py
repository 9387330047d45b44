"""A real browser before two server processes. Without a browser these tests cannot run; in CI that is a failure."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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
    company = _built(fresh_database_url)
    settings = Settings(database_url=fresh_database_url, data_dir=tmp_path, graphiql=True)
    with serving(create_app(Process(settings))) as one, serving(create_app(Process(settings))) as two:
        yield Portal((one, two), company)


def _built(url: str) -> Company:
    """In a thread of its own: the browser's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(build(url))).result()


def sign_in(page: Page, origin: str, email: str, password: str = PASSWORD) -> None:
    """Sign in as a person would, and wait for the overview."""
    page.goto(origin)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).filter(has_text="Good").wait_for()


def live(page: Page) -> None:
    """Return when the page hears of changes."""
    page.locator("[data-connection=live]").first.wait_for()
