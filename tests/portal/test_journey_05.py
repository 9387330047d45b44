"""Journey 5 in real browsers: two devices of one person on two processes, with 200 further open sessions."""

from __future__ import annotations

import asyncio
import statistics
import threading
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager

from playwright.sync_api import Browser, Locator, Page, expect
from websockets.asyncio.client import connect

import models
from resolvers.ids import encode
from tests.portal.company import PER_SITE
from tests.portal.conftest import Portal, command, live, sign_in

REVOKE = "mutation($id: ID!) { revokeAccess(input: {id: $id}) { grant { id } userErrors { code } } }"
GRANT = """mutation($user: ID!, $place: ID!) {
  grantAccess(input: {userId: $user, placeId: $place, name: "reports"}) { grant { id } userErrors { code } }
}"""
SUSPEND = "mutation($id: ID!) { suspendUser(input: {id: $id}) { userErrors { code } } }"
OTHERS = 200
ROUNDS = 10
WITHIN = 1000
# Notes when no row of the list, or one again, names the site: milliseconds of the machine's clock.
WATCH = """([word, there]) => new Promise(resolve => {
  const named = () => [...document.querySelectorAll('li')].some(row => row.textContent.includes(word));
  const look = () => named() === there && (observer.disconnect(), resolve(Date.now()));
  const observer = new MutationObserver(look);
  observer.observe(document.body, {childList: true, subtree: true, characterData: true});
  look();
})"""
INIT = '{"type": "connection_init"}'
QUERY = "subscription { access { reports(first: 9) { totalCount } } }"
FOLLOW = f'{{"id": "1", "type": "subscribe", "payload": {{"query": "{QUERY}"}}}}'


@contextmanager
def other_sessions(portal: Portal, page: Page) -> Generator[None]:
    """Sockets that follow, half of them at each process, for as long as the context is open."""
    cookie = "; ".join(f"{one.get('name')}={one.get('value')}" for one in page.context.cookies())
    opened, closing = threading.Event(), threading.Event()

    async def hold() -> None:
        async with AsyncExitStack() as stack:
            for number in range(OTHERS):
                origin = portal.origins[number % 2]
                url = origin.replace("http", "ws", 1) + "/graphql"
                headers = {"cookie": cookie}
                socket = await stack.enter_async_context(
                    connect(url, subprotocols=["graphql-transport-ws"], origin=origin, additional_headers=headers)  # type: ignore[arg-type,list-item]
                )
                await socket.send(INIT)
                await socket.recv()
                await socket.send(FOLLOW)
                await socket.recv()
            opened.set()
            await asyncio.to_thread(closing.wait)

    thread = threading.Thread(target=lambda: asyncio.run(hold()), daemon=True)
    thread.start()
    assert opened.wait(60)
    yield
    closing.set()
    thread.join(20)


def rows(page: Page, site: str) -> Locator:
    """The reports about a site, as the list shows them."""
    return page.get_by_role("listitem").filter(has_text=f"at {site}")


def shown(page: Page) -> None:
    """Both sites' reports are there; the first page of the list holds them all."""
    expect(rows(page, "Hamburg Depot")).to_have_count(PER_SITE)
    expect(rows(page, "Leeds Store")).to_have_count(PER_SITE)


def changed(pages: list[Page], act: Page, document: str, *, word: str, there: bool, **variables: str) -> list[float]:
    """Carry out a change, and tell how long after its answer each page showed it; negative: before its answer."""
    for page in pages:
        page.evaluate("([watch, given]) => { window.seen = eval(watch)(given); }", [WATCH, [word, there]])
    command(act, document, **variables)
    answered = act.evaluate("Date.now()")
    return [page.evaluate("window.seen") - answered for page in pages]


def test_journey_5_a_right_taken_away_leaves_both_devices_at_once(browser: Browser, portal: Portal) -> None:
    company = portal.company
    user, place = encode(models.User, company.pat.id), encode(models.Site, company.sites[1].id)
    ada = browser.new_context(locale="en-GB").new_page()
    sign_in(ada, portal.origins[1], "ada@meridian.example")
    devices = [browser.new_context(locale="en-GB", bypass_csp=True).new_page() for _ in range(2)]
    for page, origin in zip(devices, portal.origins, strict=True):
        sign_in(page, origin, "pat@northwind.example")
        page.get_by_role("link", name="Reports", exact=True).first.click()
        shown(page)
        live(page)
        page.evaluate("window.stillTheSamePage = true")
    grant = encode(models.Grant, company.grant.id)
    times: list[float] = []
    with other_sessions(portal, ada):
        for _ in range(ROUNDS):
            times += changed(devices, ada, REVOKE, word="Hamburg", there=False, id=grant)
            for page in devices:
                expect(rows(page, "Leeds Store")).to_have_count(PER_SITE)
                expect(page.get_by_test_id("announcement").first).to_contain_text("no longer available")
            given = command(ada, GRANT, user=user, place=place)
            grant = given["grant"]["id"]
            for page in devices:
                shown(page)
    assert all(page.evaluate("window.stillTheSamePage") for page in devices)
    p95 = statistics.quantiles(times, n=20)[18]
    print(f"both pages changed within {p95:.0f} ms (p95), {statistics.median(times):.0f} ms (median)")
    assert p95 < WITHIN, times
    command(ada, SUSPEND, id=user)
    for page in devices:
        expect(page.get_by_text("You have been signed out")).to_be_visible()
        assert "Leeds" not in page.content()
        page.context.close()
    ada.context.close()
