"""Journey 6: three viewers, every exit there is, and the same rows through each; and rates that tell nothing.

Invoices, webhooks and exports in bulk do not exist yet: their lines are added to ``EXITS`` with them.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from tests.journeys.northwind import PER_SITE
from tests.server.talking import Station, talk

Ids = frozenset[str]
EXPECTED = {"olga": (6, 36), "pat": (2, 12), "nat": (0, 0)}
"""Sites and reports: of the whole organization, of two sites, of nothing."""
STREAM = "subscription($under: ID!) { changes(under: $under) { __typename ... on Change { nodeId kind node { id } } } }"
PUSHED = "subscription { access { reports(first: 50) { totalCount nodes { id } } } }"


def northwind_of(station: Station) -> str:
    tenant = station.place.world.tenants["meridian"]
    return station.place.mirror.one("Organization", shortName="Northwind", tenant=tenant)["id"]


def all_reports(station: Station) -> list[dict[str, Any]]:
    """Of both clients and both tenants, as they lie in the database."""
    return list(station.place.mirror.rows["Report"].values())


def mine(station: Station, viewer: str) -> Ids:
    """The reports the viewer is to see, from the rows themselves."""
    sites = {"olga": [f"S{number}" for number in range(1, 7)], "pat": ["S1", "S2"], "nat": []}[viewer]
    places = {row["id"] for row in station.place.mirror.rows["Site"].values() if row["name"] in sites}
    home = northwind_of(station)
    return frozenset(row["id"] for row in all_reports(station) if row["organization"] == home and row["site"] in places)


def ids(page: Any) -> Ids:
    return frozenset(one["id"] for one in page["nodes"])


def listed(station: Station, viewer: str, arguments: str = "") -> Ids:
    return ids(station.ask(viewer, f"{{ reports(first: 100{arguments}) {{ nodes {{ id }} }} }}")["reports"])


def by_node(station: Station, viewer: str) -> Ids:
    found: set[str] = set()
    for row in all_reports(station):
        data = station.ask(viewer, "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", id=row["id"])
        assert data["nodes"] == [data["node"]]
        found |= {data["node"]["id"]} if data["node"] else set()
    return frozenset(found)


def nested(kind: str) -> Callable[[Station, str], Ids]:
    """The reports under every row of a kind there is, whoever may see that row."""

    def through(station: Station, viewer: str) -> Ids:
        rows = station.place.mirror.rows[kind]
        inner = f"... on {kind} {{ reports(first: 50) {{ nodes {{ id }} }} }}"
        asked = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {inner} }} }}"
        found = station.ask(viewer, asked, ids=list(rows))["nodes"]
        return frozenset().union(*(ids(one["reports"]) for one in found if one))

    return through


def sorted_every_way(station: Station, viewer: str) -> Ids:
    orders = [f"{name}{down}" for name in ("PERIOD", "TITLE", "CREATED") for down in ("", "_DESC")]
    found = {listed(station, viewer, f", order: {one}") for one in orders}
    assert len(found) == 1
    return found.pop()


def page_by_page(station: Station, viewer: str) -> Ids:
    found: list[str] = []
    cursor: str | None = None
    while True:
        inner = "nodes { id } pageInfo { hasNextPage endCursor }"
        asked = f"query($after: String) {{ reports(first: 5, after: $after) {{ {inner} }} }}"
        page = station.ask(viewer, asked, after=cursor)["reports"]
        found += [one["id"] for one in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(found) == len(set(found))
            return frozenset(found)


def from_the_timeline(station: Station, viewer: str) -> Ids:
    """The reports of the jobs whose timeline is shown: it is shown with the job and never without it."""
    asked = "{ jobs(first: 100) { nodes { timeline { status at } reports(first: 50) { nodes { id } } } } }"
    jobs = station.ask(viewer, asked)["jobs"]["nodes"]
    for one in jobs:
        assert [entry["status"] for entry in one["timeline"]] == ["REQUESTED", "SCHEDULED"]
        assert {entry["at"] for entry in one["timeline"]} == {"2026-06-01T09:00:00.000000Z"}
    return frozenset().union(*(ids(one["reports"]) for one in jobs))


def downloaded(station: Station, viewer: str) -> Ids:
    found: set[str] = set()
    for row, ending in zip(all_reports(station), itertools.cycle(("json", "csv", "html")), strict=False):
        answer = station.http.get(f"/files/reports/{row['id']}.{ending}", headers=station.bearer(viewer))
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["x-content-type-options"] == "nosniff"
            found.add(row["id"])
    return frozenset(found)


EXITS: Mapping[str, Callable[[Station, str], Ids]] = {
    "list": listed,
    "viewer": lambda station, viewer: ids(
        station.ask(viewer, "{ viewer { reports(first: 100) { nodes { id } } } }")["viewer"]["reports"]
    ),
    "node": by_node,
    "nested from organization": nested("Organization"),
    "nested from site": nested("Site"),
    "nested from job": nested("Job"),
    "search": lambda station, viewer: listed(station, viewer, ', filter: {search: "quarterly"}'),
    "filter": lambda station, viewer: listed(station, viewer, ', filter: {period: {since: "2026-01-01"}}'),
    "sort": sorted_every_way,
    "pages": page_by_page,
    "timeline": from_the_timeline,
    "download": downloaded,
}


@pytest.mark.parametrize("viewer", EXPECTED)
def test_journey_6_every_exit_shows_the_same_reports(fixture_r: tuple[Station, Station], viewer: str) -> None:
    for station in fixture_r:
        expected = mine(station, viewer)
        sites, reports = EXPECTED[viewer]
        assert (len(expected), sites * PER_SITE) == (reports, reports)
        seen = {name: exit_(station, viewer) for name, exit_ in EXITS.items()}
        assert seen == dict.fromkeys(EXITS, expected)
        assert counts(station, viewer) == {"reports": reports, "sites": sites, "found": reports, "nested": reports}


def counts(station: Station, viewer: str) -> dict[str, int]:
    """What is counted in each way; ``nested`` adds up what the sites count."""
    data = station.ask(
        viewer,
        '{ reports(first: 1) { totalCount } found: reports(first: 1, filter: {search: "SUMMARY"}) { totalCount }'
        " sites(first: 50) { totalCount nodes { reports(first: 1) { totalCount } } } }",
    )
    below = sum(one["reports"]["totalCount"] for one in data["sites"]["nodes"])
    shown = {name: data[name]["totalCount"] for name in ("reports", "sites", "found")}
    return {**shown, "nested": below}


async def test_journey_6_sockets_show_the_same_reports(fixture_r: tuple[Station, Station]) -> None:
    """As state, and as the stream of changes while every report there is gets changed."""
    first, second = fixture_r
    tenant = first.place.world.tenants["meridian"]
    for viewer in EXPECTED:
        async with talk(second, viewer) as line:
            await line.subscribe("state", PUSHED)
            assert ids((await line.data("state"))["access"]["reports"]) == mine(first, viewer)
            await line.subscribe("stream", STREAM, under=tenant)
            assert (await line.data("stream"))["changes"]["__typename"] == "Reload"
            changed = await asyncio.to_thread(_change_all, first, viewer)
            told: set[str] = set()
            while told < mine(first, viewer):
                told.add((await line.data("stream"))["changes"]["nodeId"])
            told |= {one["payload"]["data"]["changes"]["nodeId"] for one in await line.waiting("stream")}
            assert told == mine(first, viewer) <= changed


def _change_all(station: Station, occasion: str) -> set[str]:
    """Every report of the tenant, changed once; one of Northwind last, so that what came before has been pushed."""
    tenant = station.place.world.tenants["meridian"]
    rows = [row["id"] for row in all_reports(station) if row["tenant"] == tenant]
    for id in rows:
        station.command("ada", "updateReport", id=id, internalNotes=f"For {occasion}")
    return set(rows)


RATES = ("baseRate { amount currencyCode }", "weekendMultiplier", "holidayMultiplier")


def test_journey_6_rates_tell_a_site_user_nothing(fixture_r: tuple[Station, Station]) -> None:
    station, _ = fixture_r
    seen = station.answer("pat", f"{{ contracts(first: 50) {{ totalCount nodes {{ title {' '.join(RATES)} }} }} }}")
    assert seen["data"]["contracts"]["totalCount"] == 2
    for one in seen["data"]["contracts"]["nodes"]:
        assert one == {"title": one["title"], "baseRate": None, "weekendMultiplier": None, "holidayMultiplier": None}
    assert [
        (one["extensions"]["code"], one["extensions"]["field"], one["extensions"]["count"]) for one in seen["errors"]
    ] == [("FIELD_FORBIDDEN", f"Contract.{name.split()[0]}", 2) for name in RATES]
    for arguments in _by_rate():
        refused = station.answer("pat", f"{{ contracts(first: 5, {arguments}) {{ totalCount nodes {{ id }} }} }}")
        assert [one["extensions"]["code"] for one in refused["errors"]] == ["FIELD_FORBIDDEN"]
        assert not refused.get("data")
        allowed = station.ask("olga", f"{{ contracts(first: 5, {arguments}) {{ totalCount }} }}")
        assert allowed["contracts"]["totalCount"] in (0, 7)


def _by_rate() -> Iterator[str]:
    yield from ("order: BASE_RATE", "order: BASE_RATE_DESC")
    yield from (
        f"filter: {{baseRate: {{{side}: {value}}}}}" for side in ("since", "before") for value in ('"0"', '"30.01"')
    )


def test_journey_6_a_cursor_holds_no_rate(fixture_r: tuple[Station, Station]) -> None:
    """What can be read in a cursor is what it was sorted by, and that is never a rate one may not see."""
    station, _ = fixture_r
    for order in ("START", "START_DESC", "REFERENCE", "REFERENCE_DESC"):
        page = station.ask("pat", f"{{ contracts(first: 5, order: {order}) {{ edges {{ cursor node {{ id }} }} }} }}")
        assert len(page["contracts"]["edges"]) == 2
        for edge in page["contracts"]["edges"]:
            raw = bytes.fromhex(edge["cursor"])
            assert raw[16:32].hex() == edge["node"]["id"][4:]
            day = (date(2026, 1, 1) - date(2000, 1, 1)).days.to_bytes(4, "big")
            assert raw[32:] == day or raw[32:].startswith(b"C-")
    assert "30.00" not in json.dumps(page)
