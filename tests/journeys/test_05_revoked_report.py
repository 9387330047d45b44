"""Journey 5: a right to read reports is taken away while the portal is open, given back, and its holder suspended.

The same in real browsers is in tests/portal; here the two devices are sockets on two servers.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from tests.journeys.northwind import PER_SITE
from tests.server.talking import Station, Talk, socket, talk

OPEN_SESSIONS = 200
ROUNDS = 20
WITHIN = 1.0
STATE = "subscription { access { epoch reports(first: 50) { totalCount nodes { id title } } } }"
STREAM = "subscription($under: ID!) { changes(under: $under) { __typename ... on Change { nodeId kind node { id } } } }"
OTHERS = "subscription { access { reports(first: 10) { totalCount } } }"
DETAIL = "query($report: ID!) { node(id: $report) { id ... on Report { title body } } }"
EXITS = """query($id: ID!, $site: ID!, $job: ID!) {
  node(id: $id) { id } nodes(ids: [$id]) { id }
  list: reports(first: 50) { totalCount nodes { id } }
  count: reports(first: 1, filter: {search: "of S2"}) { totalCount }
  search: reports(first: 50, filter: {search: "of S2"}) { nodes { id } }
  site: node(id: $site) { ... on Site { reports(first: 50) { totalCount nodes { id } } } }
  job: node(id: $job) { ... on Job { reports(first: 50) { totalCount nodes { id } } } }
}"""


class Devices:
    """Pat's two devices, on a server each, with the page of a report of S2 open."""

    def __init__(self, stations: tuple[Station, Station], lines: list[Talk]) -> None:
        self.stations, self.lines = stations, lines
        self.site = stations[0].place.mirror.one("Site", name="S2", tenant=_tenant(stations[0]))["id"]
        rows = stations[0].place.mirror.rows["Report"].values()
        self.reports = sorted(row["id"] for row in rows if row["site"] == self.site)
        self.job = next(row["job"] for row in rows if row["site"] == self.site)

    @classmethod
    @asynccontextmanager
    async def opened(cls, stations: tuple[Station, Station]) -> AsyncIterator[Devices]:
        async with AsyncExitStack() as stack:
            lines = [await stack.enter_async_context(talk(one, "pat")) for one in stations]
            made = cls(stations, lines)
            for line in lines:
                await line.subscribe("state", STATE)
                await line.subscribe("stream", STREAM, under=made.site)
                assert (await line.data("state"))["access"]["reports"]["totalCount"] == 2 * PER_SITE
                shown = await line.query("detail", DETAIL, report=made.reports[0])
                assert shown["node"]["body"] == "All is well."
                await line.waiting("stream")
            yield made

    async def told(self, count: int) -> list[float]:
        """When each device was told that there are so many reports, and of none of S2 unless there are all."""
        return list(await asyncio.gather(*(self._told(line, count) for line in self.lines)))

    async def _told(self, line: Talk, count: int) -> float:
        while True:
            reports = (await line.data("state"))["access"]["reports"]
            if reports["totalCount"] == count:
                shown = {one["id"] for one in reports["nodes"]}
                assert (set(self.reports) <= shown) == (count == 2 * PER_SITE)
                assert set(self.reports).isdisjoint(shown) == (count == PER_SITE)
                return time.monotonic()


def _tenant(station: Station) -> str:
    return station.place.world.tenants["meridian"]


def _grant(station: Station) -> tuple[str, dict[str, str]]:
    """The grant that lets Pat read the reports of S2, and what it takes to make it again."""
    place = station.place
    site = place.mirror.one("Site", name="S2", tenant=_tenant(station))["id"]
    grant = place.mirror.one("Grant", user=place.world.users["pat"], name="reports", site=site)["id"]
    return grant, {"userId": place.world.users["pat"], "placeId": site, "name": "reports"}


@asynccontextmanager
async def _audience(stations: tuple[Station, Station]) -> AsyncIterator[None]:
    """Two hundred further sessions with an open portal."""
    async with AsyncExitStack() as stack:

        async def enter(number: int) -> None:
            line = await stack.enter_async_context(talk(stations[number % 2], f"other{number % 20}"))
            await line.subscribe("state", OTHERS)
            assert (await line.data("state"))["access"]["reports"]["totalCount"] == PER_SITE

        for start in range(0, OPEN_SESSIONS, 20):
            await asyncio.gather(*(enter(number) for number in range(start, start + 20)))
        yield


async def _command(station: Station, command: str, selection: str = "", /, **given: Any) -> Any:
    return await asyncio.to_thread(lambda: station.command("ada", command, selection, **given))


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(240)
async def test_journey_5_both_devices_change_within_a_second_and_nothing_comes_after(
    fixture_r: tuple[Station, Station],
) -> None:
    first, _ = fixture_r
    grant, again = _grant(first)
    late: list[float] = []
    async with _audience(fixture_r), Devices.opened(fixture_r) as pat:
        for number in range(ROUNDS):
            began = time.monotonic()
            revoking = asyncio.create_task(_command(fixture_r[number % 2], "revokeAccess", id=grant))
            late += [told - began for told in await pat.told(PER_SITE)]
            await revoking
            await _nothing_of_s2(pat)
            began = time.monotonic()
            made = await _command(first, "grantAccess", "grant { id }", **again)
            grant = made["grant"]["id"]
            late += [told - began for told in await pat.told(2 * PER_SITE)]
    p95 = statistics.quantiles(late, n=20)[-1]
    assert p95 < WITHIN, sorted(late)


async def _nothing_of_s2(pat: Devices) -> None:
    """After the revoke was answered: whatever is written behind this ping, and whatever is asked, holds no report."""
    for line in pat.lines:
        await line.waiting("stream")
    report = pat.reports[0]
    station = pat.stations[0]
    await _command(station, "updateReport", id=report, body="Changed after the revoke.")
    for line in pat.lines:
        events = [one["payload"]["data"]["changes"]["nodeId"] for one in await line.waiting("stream")]
        assert set(pat.reports).isdisjoint(events)
        assert await line.query("gone", DETAIL, report=report) == {"node": None}
        assert "Changed" not in json.dumps(await line.waiting("state"))


async def test_journey_5_every_exit_is_shut_and_opens_again(fixture_r: tuple[Station, Station]) -> None:
    first, second = fixture_r
    grant, again = _grant(first)
    async with Devices.opened(fixture_r) as pat:
        await _command(first, "revokeAccess", id=grant)
        await pat.told(PER_SITE)
        for station in fixture_r:
            _shut(station, pat)
            assert station.ask("olga", "{ reports(first: 50) { totalCount } }")["reports"]["totalCount"] == 36
        await _command(second, "grantAccess", **again)
        await pat.told(2 * PER_SITE)
        for station in fixture_r:
            assert _exits(station, pat)["list"]["totalCount"] == 2 * PER_SITE
            assert _file(station, pat.reports[0]).status_code == 200


def _exits(station: Station, pat: Devices) -> Any:
    return station.ask("pat", EXITS, id=pat.reports[0], site=pat.site, job=pat.job)


def _shut(station: Station, pat: Devices) -> None:
    seen = _exits(station, pat)
    assert (seen["node"], seen["nodes"]) == (None, [None])
    assert seen["list"]["totalCount"] == PER_SITE
    assert len(seen["list"]["nodes"]) == PER_SITE
    assert seen["count"] == {"totalCount": 0}
    assert seen["search"] == {"nodes": []}
    assert seen["site"]["reports"] == seen["job"]["reports"] == {"totalCount": 0, "nodes": []}
    assert set(pat.reports).isdisjoint(json.dumps(seen).split('"'))
    for ending in ("html", "csv", "json"):
        gone, absent = _file(station, pat.reports[0], ending), _file(station, f"rep_{'0' * 32}", ending)
        assert (gone.status_code, absent.status_code) == (404, 404)
        told = [{**one.json()["error"], "requestId": None} for one in (gone, absent)]
        assert told[0] == told[1]


def _file(station: Station, report: str, ending: str = "html") -> Any:
    return station.http.get(f"/files/reports/{report}.{ending}", headers=station.bearer("pat"))


async def test_journey_5_suspending_closes_the_sockets_for_good(fixture_r: tuple[Station, Station]) -> None:
    """4401 is what clients do not retry; whoever does is refused."""
    first, _ = fixture_r
    async with Devices.opened(fixture_r) as pat:
        await _command(first, "suspendUser", id=first.place.world.users["pat"])
        assert [await line.closed() for line in pat.lines] == [4401, 4401]
    for station in fixture_r:
        refused = station.http.post("/graphql", json={"query": "{ viewer { id } }"}, headers=station.bearer("pat"))
        assert refused.status_code == 401
        assert refused.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert _file(station, pat.reports[0]).status_code == 401
        async with talk_refused(station) as code:
            assert code == 4401


@asynccontextmanager
async def talk_refused(station: Station) -> AsyncIterator[int]:
    """The code a socket is closed with when Pat opens another."""
    async with socket(station) as line:
        await line.say({"type": "connection_init", "payload": {"authorization": f"Bearer {station.token('pat')}"}})
        yield await line.closed()
