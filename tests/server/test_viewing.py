"""The staff views as a portal user: what they see and nothing else, without changing it, for as long as they may."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import psycopg
import pytest

from tests.server.provider import HEADERS
from tests.server.talking import PATIENCE, Station, Talk, socket
from tests.world.mirror import plain

VIEWER = """{ viewer { id name kind permissions viewedBy { name }
  sites(first: 100) { nodes { id } } reports(first: 100) { totalCount nodes { id } } } }"""
PASSWORD = "correct horse battery staple, quite long"


class Browser:
    """Keeps its cookies and speaks as the pages do."""

    def __init__(self, station: Station, http: httpx2.Client) -> None:
        self.station = station
        self.http = http

    def post(self, path: str, content: Any) -> httpx2.Response:
        return self.http.post(path, json=content, headers=HEADERS)

    def ask(self, query: str, **variables: Any) -> Any:
        return self.post("/graphql", {"query": query, "variables": variables}).json()

    def view_as(self, name: str) -> httpx2.Response:
        return self.post("/auth/view-as", {"userId": self.station.place.world.users[name]})

    @property
    def cookie(self) -> str:
        return next(str(one.value) for one in self.http.cookies.jar if one.name == "portico")


@contextmanager
def signed_in(station: Station, name: str) -> Iterator[Browser]:
    """A browser in which ``name`` has a session: made in the database, as signing in would."""
    with httpx2.Client(base_url=station.origin, timeout=PATIENCE) as http:
        token = station.token(name)
        statement = "update session set kind = 'BROWSER', authenticated_at = now() where user_id = %s"
        with psycopg.connect(plain(station.place.url)) as connection:
            connection.execute(statement, (station.place.world.users[name][4:],))
        http.cookies.set("portico", token, domain="127.0.0.1", path="/")
        yield Browser(station, http)


def code(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_whoever_views_sees_exactly_what_the_user_sees(own_station: Station) -> None:
    for viewed in ("portal_two_sites", "portal_incidents", "portal_party", "portal_nothing"):
        with signed_in(own_station, "administrator") as browser:
            before = own_station.ask(viewed, VIEWER)["viewer"]
            assert browser.view_as(viewed).json() == {
                "user": {"id": own_station.place.world.users[viewed], "name": before["name"]}
            }
            seen = browser.ask(VIEWER)["data"]["viewer"]
            assert seen.pop("viewedBy") == {"name": "Administrator"}
            assert before.pop("viewedBy") is None
            assert seen == before
            back = browser.post("/auth/view-as/end", {}).json()["user"]
            assert back["name"] == "Administrator"
            # The secret is a new one, and the old one is worth nothing.
            assert browser.cookie != own_station.token("administrator")
            with psycopg.connect(plain(own_station.place.url)) as connection:
                query = "update session set secret_hash = sha256(decode(%s, 'base64')) where viewed_by is null"
                query += " and kind = 'BROWSER' and user_id = %s"
                standard = own_station.token("administrator").replace("-", "+").replace("_", "/")
                padded = standard + "=" * (-len(standard) % 4)
                user = own_station.place.world.users["administrator"][4:]
                connection.execute(query, (padded, user))


def test_nothing_can_be_changed(own_station: Station) -> None:
    alder = own_station.one("Contact", name="Ada")
    with signed_in(own_station, "access_manager") as browser:
        browser.view_as("portal_manager")
        document = "mutation($i: UpdateContactInput!) { updateContact(input: $i) { userErrors { code } } }"
        answer = browser.ask(document, i={"id": alder, "name": "Changed", "idempotencyKey": "k"})
        assert answer["data"]["updateContact"]["userErrors"] == [{"code": "VIEW_AS_READ_ONLY"}]
        for path, content in (
            ("/auth/password", {"password": PASSWORD, "current": "x"}),
            ("/auth/email/request", {"email": "x@y.example", "password": "x"}),
            ("/auth/totp/begin", {}),
            ("/auth/sessions/end-others", {}),
        ):
            assert code(browser.post(path, content)) == (403, "VIEW_AS_READ_ONLY"), path
        assert code(browser.view_as("portal_raw")) == (409, "VIEW_AS_NESTED")


def test_who_may_view_as_whom(own_station: Station) -> None:
    users = own_station.place.world.users
    with signed_in(own_station, "cedar_access") as browser:
        assert code(browser.view_as("portal_manager")) == (404, "NOT_FOUND")
        assert browser.view_as("portal_party").status_code == 200
    with signed_in(own_station, "clerk") as browser:
        assert code(browser.view_as("clerk")) == (403, "FORBIDDEN")
        assert code(browser.view_as("portal_party")) == (404, "NOT_FOUND")
    with signed_in(own_station, "access_manager") as browser:
        for name in ("finance", "access_manager"):
            assert code(browser.view_as(name)) == (409, "VIEW_AS_IMPOSSIBLE")
        assert code(browser.view_as("foreign_portal")) == (404, "NOT_FOUND")
        assert code(browser.post("/auth/view-as", {"userId": "usr_x"})) == (404, "NOT_FOUND")
        assert code(browser.post("/auth/view-as/end", {})) == (409, "NOT_VIEWING")
        own_station.command("administrator", "suspendUser", id=users["portal_raw"])
        assert code(browser.view_as("portal_raw")) == (409, "VIEW_AS_IMPOSSIBLE")
    with signed_in(own_station, "portal_manager") as browser:
        assert code(browser.view_as("portal_manager")) == (403, "FORBIDDEN")
    bearer = own_station.bearer("administrator")
    answer = own_station.http.post("/auth/view-as", json={"userId": users["portal_raw"]}, headers={**HEADERS, **bearer})
    assert code(answer) == (401, "UNAUTHENTICATED")


def test_it_is_told_in_the_audit_trail_and_to_the_user(own_station: Station) -> None:
    users = own_station.place.world.users
    with signed_in(own_station, "access_manager") as browser:
        browser.view_as("portal_party")
        with signed_in(own_station, "portal_party") as theirs:
            shown = theirs.http.get("/auth/sessions", headers=HEADERS).json()["sessions"]
            assert [one["viewedBy"] for one in shown if not one["current"]] == ["Access Manager"]
        browser.post("/auth/view-as/end", {})
    query = "query($u: ID!) { auditTrail(first: 10, filter: {user: $u}) { nodes { action actor { id } user { id } } } }"
    nodes = own_station.ask("administrator", query, u=users["portal_party"])["auditTrail"]["nodes"]
    actor, user = {"id": users["access_manager"]}, {"id": users["portal_party"]}
    assert nodes == [
        {"action": "ViewAsEnded", "actor": actor, "user": user},
        {"action": "ViewAsStarted", "actor": actor, "user": user},
    ]


def test_whoever_signs_out_while_viewing_is_signed_out(own_station: Station) -> None:
    with signed_in(own_station, "administrator") as browser:
        browser.view_as("portal_party")
        assert browser.post("/auth/sign-out", {}).status_code == 200
    assert own_station.answer("administrator", VIEWER)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert own_station.ask("portal_party", VIEWER)["viewer"]["name"] == "Portal Party"


ENDINGS = {
    "the role is revoked": ("revokeAccess", "grant"),
    "the viewer is suspended": ("suspendUser", "staff"),
    "the user is suspended": ("suspendUser", "user"),
}


@pytest.mark.parametrize(("name", "whom"), ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("other_process", [False, True], ids=["same process", "another process"])
async def test_it_ends_when_it_is_not_allowed_any_more(
    name: str, whom: str, other_process: bool, two_stations: tuple[Station, Station]
) -> None:
    """The socket is closed before the change is answered to be done, and nothing is sent to it afterwards."""
    here, there = two_stations
    users = here.place.world.users
    with signed_in(there if other_process else here, "access_manager") as browser:
        await asyncio.to_thread(browser.view_as, "portal_party")
        cookie = {"cookie": f"portico={browser.cookie}", "origin": browser.station.origin}
        async with socket(browser.station, headers=cookie) as page:
            assert await page.init() == {"type": "connection_ack"}
            await page.subscribe("a", "subscription { access { name viewedBy { name } } }")
            shown = {"name": "Portal Party", "viewedBy": {"name": "Access Manager"}}
            assert (await page.data("a"))["access"] == shown
            grant = _grant(here, "access_manager")
            given = {"grant": grant, "staff": users["access_manager"], "user": users["portal_party"]}[whom]
            await asyncio.to_thread(here.command, "administrator", name, id=given)
            assert await page.closed() == 4401
            assert sent_about(page, "a") == []
        answer = await asyncio.to_thread(browser.ask, VIEWER)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert (await asyncio.to_thread(browser.post, "/auth/view-as/end", {})).status_code == 401
    own = here.answer("portal_party", VIEWER)
    assert ("errors" in own) == (whom == "user"), "the user's own session is another matter"


async def test_other_changes_of_the_viewers_rights_end_nothing(own_station: Station) -> None:
    users = own_station.place.world.users
    with signed_in(own_station, "access_manager") as browser:
        await asyncio.to_thread(browser.view_as, "portal_party")
        given = {
            "userId": users["access_manager"],
            "placeId": own_station.place.world.tenants["acme"],
            "name": "finance",
        }
        await asyncio.to_thread(own_station.command, "administrator", "grantAccess", **given)
        assert browser.ask(VIEWER)["data"]["viewer"]["viewedBy"] == {"name": "Access Manager"}
        revoked = {"id": _grant(own_station, "portal_party")}
        await asyncio.to_thread(own_station.command, "administrator", "revokeAccess", **revoked)
        seen, own = browser.ask(VIEWER)["data"]["viewer"], own_station.ask("portal_party", VIEWER)["viewer"]
        assert seen["permissions"] == own["permissions"]


async def test_the_users_own_pages_do_not_say_that_somebody_views(own_station: Station) -> None:
    """Both stand for the same user, and what is made for one must not be sent to the other."""
    with signed_in(own_station, "access_manager") as browser:
        await asyncio.to_thread(browser.view_as, "portal_party")
        cookie = {"cookie": f"portico={browser.cookie}", "origin": own_station.origin}
        async with socket(own_station, headers=cookie) as viewing, socket(own_station) as own:
            await viewing.init()
            await own.init({"authorization": f"Bearer {own_station.token('portal_party')}"})
            for page in (viewing, own):
                await page.subscribe("a", "subscription { access { permissions viewedBy { name } } }")
            assert (await viewing.data("a"))["access"]["viewedBy"] == {"name": "Access Manager"}
            assert (await own.data("a"))["access"]["viewedBy"] is None
            given = {"id": _grant(own_station, "portal_party")}
            await asyncio.to_thread(own_station.command, "administrator", "revokeAccess", **given)
            assert (await viewing.data("a"))["access"]["viewedBy"] == {"name": "Access Manager"}
            assert (await own.data("a"))["access"]["viewedBy"] is None


def sent_about(page: Talk, id: str) -> list[Any]:
    """What came about an operation and was not asked for."""
    return list(page._kept[id])


def _grant(station: Station, name: str) -> str:
    rows = station.place.mirror.rows["Grant"].values()
    return next(one["id"] for one in rows if one["user"] == station.place.world.users[name] and not one["archivedAt"])
