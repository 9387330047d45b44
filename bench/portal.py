"""What the portal costs a browser: bytes before the first page, and how long until something can be done with it.

The bytes are those that go out to a browser that knows gzip. Times are medians of cold visits: a new browser context
each, nothing cached, on the demo, whose service and PostgreSQL share the machine with the browser.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, StorageState, async_playwright

from bench.stage import ROOT, database, percentile, serving
from server.demo import prepared
from server.demo.people import PASSWORD

VISITS, QUICK_VISITS = 15, 5
STATIC = ROOT / "server" / "static"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
DOOR = "form button[type=submit]"
FIRST_REPORT = "main a[href^='/reports/']"
TIMES = """() => {
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const files = performance.getEntriesByType('resource');
  return {painted: paint ? paint.startTime : 0, now: performance.now(), files: files.length,
          bytes: files.reduce((sum, one) => sum + one.transferSize, 0)};
}"""


async def run(quick: bool) -> dict[str, Any]:
    """The bundle, and cold visits of the door and of a signed-in client's overview on a phone and on a desktop."""
    with database() as url:
        await prepared(url)
        async with serving(url, 1) as (node,), async_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            origin = f"http://127.0.0.1:{node.port}"
            known = await _signed_in(browser, origin)
            visits = QUICK_VISITS if quick else VISITS
            views = {
                f"{name}_{size}": await _visits(browser, origin, size, awaited, state, visits)
                for name, awaited, state in (("sign_in", DOOR, None), ("overview", FIRST_REPORT, known))
                for size in SIZES
            }
            await browser.close()
    return {"load_average": os.getloadavg()[0], "visits": visits, "bundle_kb_gzip": bundle(), **views}


def bundle() -> dict[str, float]:
    """Kilobytes of scripts and of styles before the first page, and of the staff's words that come later."""
    shell = (STATIC / "index.html").read_text()
    named = set(re.findall(r"assets/[\w.-]+\.(?:js|css)", shell)) | {_asset("en-*.js"), _asset("pages-*.js")}
    return {
        "scripts": _kilobytes(one for one in named if one.endswith(".js")),
        "styles": _kilobytes(one for one in named if one.endswith(".css")),
        "words_of_the_workspace": _kilobytes([_asset("workspace.en-*.js")]),
        "charts": _kilobytes([_asset("Figures-*.js")]),
    }


def _asset(pattern: str) -> str:
    (found,) = STATIC.glob(f"assets/{pattern}")
    return f"assets/{found.name}"


def _kilobytes(names: Any) -> float:
    sizes = [path.stat().st_size for path in map(_sent, names)]
    return round(sum(sizes) / 1000, 1)


def _sent(name: str) -> Path:
    squeezed = STATIC / f"{name}.gz"
    return squeezed if squeezed.exists() else STATIC / name


async def _signed_in(browser: Browser, origin: str) -> StorageState:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    await page.goto(origin)
    await page.locator("input[type=email]").fill("manager@northgate.example")
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.locator(DOOR).click()
    await page.locator(FIRST_REPORT).first.wait_for()
    state = await context.storage_state()
    await context.close()
    return state


async def _visits(
    browser: Browser, origin: str, size: str, awaited: str, state: StorageState | None, count: int
) -> dict[str, Any]:
    width, height = SIZES[size]
    seen: list[dict[str, float]] = []
    # The first one warms the service up, as anybody's does.
    for _ in range(count + 1):
        context = await browser.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", storage_state=state
        )
        seen.append(await _visit(context, origin, awaited))
        await context.close()
        await asyncio.sleep(0.05)
    cold = seen[1:]
    return {
        "first_contentful_paint_ms": round(percentile([one["painted"] for one in cold], 0.5)),
        "interactive_ms": round(percentile([one["now"] for one in cold], 0.5)),
        "interactive_p95_ms": round(percentile([one["now"] for one in cold], 0.95)),
        "requests": cold[-1]["files"],
        "kilobytes": round(cold[-1]["bytes"] / 1000, 1),
    }


async def _visit(context: BrowserContext, origin: str, awaited: str) -> dict[str, float]:
    """One look: until what is awaited is drawn, and the page answers to a hand again."""
    page = await context.new_page()
    await page.goto(origin, wait_until="commit")
    await page.locator(awaited).first.wait_for()
    # A trial is a click that is not made: the element is there, holds still, is enabled and is covered by nothing.
    await page.locator(awaited).first.click(trial=True)
    return await page.evaluate(TIMES)
