"""What is pushed: all that a viewer may see, nothing else, once and in order, and an end when the rights end."""

import asyncio
import hashlib
import re
import secrets
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from server import pushed, turns
from tests.server.talking import Station, Talk, socket, talk
from tests.world.mirror import plain
from tests.world.seed import VIEWERS

pytestmark = pytest.mark.usefixtures("untroubled")
STATE = """{
  id name epoch permissions
  places { organization { shortName } site { name } permissions }
  sites(first: 50) { totalCount nodes { name } }
  reports(first: 50) { totalCount nodes { id kind title status } }
  jobs(first: 50) { totalCount nodes { id title organization { shortName } } }
  contracts(first: 50) { totalCount nodes { reference status } }
}"""
ACCESS = f"subscription {{ access {STATE} }}"
CHANGES = """
subscription($under: ID!, $types: [NodeTypeName!], $after: String) {
  changes(under: $under, types: $types, after: $after) {
    ... on Reload { reason offset }
    ... on Change { event kind nodeId nodeType version offset node { ... on Site { name } ... on Job { title } } }
  }
}
"""
ABSENT = "org_" + "0" * 32


def viewer(station: Station, name: str) -> Any:
    return station.ask(name, f"{{ viewer {STATE} }}")["viewer"]


async def started(one: Talk, id: str, under: str, **more: Any) -> str:
    """Subscribe to changes and return the offset at which they start."""
    await one.subscribe(id, CHANGES, under=under, **more)
    reload = (await one.data(id))["changes"]
    assert reload["reason"] == "STARTED"
    return reload["offset"]


async def change(one: Talk, id: str) -> Any:
    return (await one.data(id))["changes"]


async def command(station: Station, name: str, /, **given: Any) -> Any:
    return await asyncio.to_thread(station.command, "administrator", name, **given)


def ids(station: Station, name: str) -> str:
    return station.place.world.users[name]


def grant_of(station: Station, user: str, **values: Any) -> str:
    return station.place.mirror.one("Grant", user=ids(station, user), archivedAt=None, **values)["id"]


def report(station: Station, site: str, kind: str, status: str) -> str:
    """A live report, and of several always the same."""
    at = station.one("Site", name=site)
    rows = station.place.mirror.rows["Report"].values()
    wanted = {"site": at, "kind": kind, "status": status, "archivedAt": None}
    return min(one["id"] for one in rows if all(one[key] == value for key, value in wanted.items()))


# The viewer's access.


async def test_the_first_state_is_what_a_query_shows(station: Station) -> None:
    for name in VIEWERS:
        async with talk(station, name) as one:
            await one.subscribe("1", ACCESS)
            assert await one.data("1") == {"access": viewer(station, name)}


async def test_the_state_before_and_the_pushes_are_a_fresh_fetch(two_stations: tuple[Station, Station]) -> None:
    here, there = two_stations
    me, site = ids(here, "portal_two_sites"), here.one("Site", name="North")
    draft = report(here, "North", "INCIDENT", "DRAFT")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("grantAccess", {"userId": me, "placeId": here.one("Organization", shortName="Alder"), "name": "jobs"}),
        ("publishReport", {"id": draft}),
        ("updateReport", {"id": draft, "title": "Another title"}),
        ("updateSite", {"id": site, "name": "Far North"}),
        ("withdrawReport", {"id": draft}),
        ("revokeAccess", {"id": grant_of(here, "portal_two_sites", name="reports", site=site)}),
        ("updateUser", {"id": me, "name": "Somebody Else"}),
        ("activateContract", {"id": here.one("Contract", reference="acme-C-N2")}),
        ("cancelJob", {"id": here.one("Job", reference="acme-J-N0")}),
        ("closeSite", {"id": here.one("Site", name="South")}),
        ("updateOrganization", {"id": here.one("Organization", shortName="Alder"), "shortName": "Alders"}),
    ]
    async with talk(here, "portal_two_sites") as one, talk(there, "portal_two_sites") as other:
        for each in (one, other):
            await each.subscribe("1", ACCESS)
        shown = [(await each.data("1"))["access"] for each in (one, other)]
        for name, given in steps:
            await command(there, name, **given)
            fresh = viewer(here, "portal_two_sites")
            for index, each in enumerate((one, other)):
                while shown[index] != fresh:
                    shown[index] = (await each.data("1"))["access"]
                assert all(late["payload"]["data"]["access"] == fresh for late in await each.waiting("1")), name


async def test_a_suspended_user_is_signed_out_everywhere(two_stations: tuple[Station, Station]) -> None:
    here, there = two_stations
    async with (
        talk(here, "portal_manager") as one,
        talk(there, "portal_manager") as other,
        talk(there, "dispatcher") as somebody,
    ):
        await command(here, "suspendUser", id=ids(here, "portal_manager"))
        assert (await one.closed(), await other.closed()) == (4401, 4401)
        await somebody.alive()
    async with socket(here) as again:
        await again.say({"type": "connection_init", "payload": here.bearer("portal_manager")})
        assert await again.closed() == 4401


def sign_in_again(station: Station, name: str, seconds: float = 3600) -> dict[str, str]:
    """Another session of the same user."""
    tenant = uuid.UUID(station.place.world.tenants["acme"][4:])
    raw = tenant.bytes + secrets.token_bytes(32)
    with psycopg.connect(plain(station.place.url)) as connection:
        connection.execute(
            "insert into session (tenant_id, id, user_id, kind, secret_hash, expires_at)"
            " values (%s, %s, %s, 'BROWSER', %s, clock_timestamp() + make_interval(secs => %s))",
            (tenant, uuid.uuid4(), uuid.UUID(ids(station, name)[4:]), hashlib.sha256(raw).digest(), seconds),
        )
    return {"cookie": f"portico={urlsafe_b64encode(raw).rstrip(b'=').decode()}"}


async def test_an_expired_session_is_signed_out(own_station: Station) -> None:
    headers = await asyncio.to_thread(sign_in_again, own_station, "dispatcher", 600)
    async with socket(own_station, headers=headers) as one, talk(own_station, "dispatcher") as other:
        await one.init()
        await one.subscribe("1", ACCESS)
        await one.data("1")
        line = min(own_station.process.deck.open, key=lambda each: each.expires_at)
        assert 0 < line.expires_at - time.monotonic() <= 600
        # Ten minutes later.
        ends = line.expires_at = time.monotonic() + 0.5
        assert await one.closed() == 4401
        assert time.monotonic() >= ends
        await other.alive()


async def test_signing_out_closes_the_sockets_of_that_session(two_stations: tuple[Station, Station]) -> None:
    here, there = two_stations
    headers = await asyncio.to_thread(sign_in_again, here, "dispatcher")
    async with (
        socket(here, headers=headers) as one,
        socket(there, headers=headers) as two,
        talk(there, "dispatcher") as other,
    ):
        assert [await each.init() for each in (one, two)] == [{"type": "connection_ack"}] * 2
        response = await asyncio.to_thread(
            here.http.post, "/auth/sign-out", headers={**headers, "x-portico-client": "test"}, json={}
        )
        assert response.status_code in {200, 204}
        assert [await one.closed(), await two.closed()] == [4401, 4401]
        await other.alive()


# What happens under a place.


async def test_changes_come_with_their_kind_and_offset(own_station: Station) -> None:
    site = own_station.one("Site", name="North")
    organization = own_station.one("Organization", shortName="Alder")
    async with talk(own_station, "administrator") as one:
        begun = await started(one, "org", organization)
        assert re.fullmatch(r"[\w-]+", begun)
        await started(one, "site", site)
        await started(one, "jobs", organization, types=["Job"])
        await command(own_station, "updateSite", id=site, name="Far North")
        made = await asyncio.to_thread(
            own_station.command, "administrator", "createJob", "job { id }", siteId=site, title="New"
        )
        job = made["job"]["id"]
        for id in ("org", "site"):
            updated = await change(one, id)
            assert updated.pop("offset") != begun
            version = own_station.mirror().find(site)["version"]
            assert updated == {
                "event": "SiteUpdated", "kind": "UPDATED", "nodeId": site, "nodeType": "Site", "version": version,
                "node": {"name": "Far North"},
            }  # fmt: skip
        for id in ("org", "site", "jobs"):
            created = await change(one, id)
            assert (created["event"], created["kind"], created["nodeId"]) == ("JobCreated", "CREATED", job)
            assert created["node"] == {"title": "New"}


async def test_places_that_are_hidden_foreign_or_absent_are_one(own_station: Station) -> None:
    birch, dock = own_station.one("Organization", shortName="Birch"), own_station.one("Site", name="Dock")
    umbra = own_station.place.world.tenants["umbra"]
    foreign = own_station.place.mirror.one("Organization", tenant=umbra, shortName="Alder")["id"]
    places = [birch, dock, foreign, umbra, ABSENT, "sit_" + "0" * 32, "ten_" + "0" * 32]
    north = own_station.one("Site", name="North")
    foreign_site = own_station.place.mirror.one("Site", tenant=umbra, name="North")["id"]
    async with talk(own_station, "portal_two_sites") as one:
        for place in places:
            await started(one, place, place)
        await started(one, "mine", north)
        await command(own_station, "updateSite", id=dock, name="Docks")
        await command(own_station, "updateOrganization", id=birch, shortName="Birches")
        await asyncio.to_thread(
            own_station.command, "foreign_administrator", "updateSite", id=foreign_site, name="Far North"
        )
        await asyncio.to_thread(events, own_station, dock, 1_500)
        await asyncio.to_thread(events, own_station, foreign_site, 1_500)
        await command(own_station, "updateSite", id=north, name="Far North")
        assert (await change(one, "mine"))["nodeId"] == north
        for place in places:
            assert await one.waiting(place) == []


async def test_a_node_that_is_seen_does_not_give_away_where_it_lies(own_station: Station) -> None:
    job = own_station.one("Job", reference="acme-J-S1")
    places = {name: own_station.one("Organization", shortName=name) for name in ("Alder", "Cedar")}
    async with talk(own_station, "portal_party") as one:
        await started(one, "hidden", places["Alder"])
        await started(one, "hidden site", own_station.one("Site", name="South"))
        await started(one, "mine", places["Cedar"])
        await command(own_station, "updateJob", id=job, title="Shared work")
        assert (await change(one, "mine"))["node"] == {"title": "Shared work"}
        assert await one.waiting("hidden") == await one.waiting("hidden site") == []


async def test_the_whole_tenant_shows_a_client_their_part(own_station: Station) -> None:
    tenant = own_station.place.world.tenants["acme"]
    north, dock = own_station.one("Site", name="North"), own_station.one("Site", name="Dock")
    async with talk(own_station, "portal_two_sites") as one, talk(own_station, "administrator") as other:
        await started(one, "1", tenant)
        await started(other, "1", tenant)
        for name in ("updateSite",):
            await command(own_station, name, id=dock, name="Docks")
            await command(own_station, name, id=north, name="Far North")
        assert (await change(one, "1"))["nodeId"] == north
        assert await one.waiting("1") == []
        assert [(await change(other, "1"))["nodeId"] for _ in range(2)] == [dock, north]


async def test_a_client_goes_on_at_another_process(two_stations: tuple[Station, Station]) -> None:
    here, there = two_stations
    site = here.one("Site", name="North")
    seen: list[int] = []

    async def take(one: Talk, count: int) -> str:
        offset = ""
        for _ in range(count):
            event = await change(one, "1")
            assert event["kind"] == "UPDATED"
            seen.append(event["version"])
            offset = event["offset"]
        return offset

    async def rename(station: Station, count: int) -> None:
        for _ in range(count):
            await command(station, "updateSite", id=site, name=secrets.token_hex(4))

    async with talk(here, "administrator") as one:
        await started(one, "1", site)
        await rename(there, 3)
        offset = await take(one, 3)
    await rename(here, 4)
    writing = asyncio.create_task(rename(here, 6))
    async with talk(there, "administrator") as one:
        await one.subscribe("1", CHANGES, under=site, after=offset)
        offset = await take(one, 10)
        await writing
    async with talk(here, "administrator") as one:
        await one.subscribe("1", CHANGES, under=site, after=offset)
        await rename(there, 1)
        await take(one, 1)
    assert seen == list(range(seen[0], seen[0] + 14))
    assert seen[-1] == here.mirror().find(site)["version"]


@pytest.mark.parametrize("after", [
    "", "x", "%%%", "A" * 200, "é", "AAAAAAAAAAAAAAAAAAAAAA", "1:2:3", urlsafe_b64encode(b"\0" * 16 + b"9:1:").decode(),
    urlsafe_b64encode(b"\0" * 16 + b"1:99999999999999999999:").decode(), "A" * 10_000,
])  # fmt: skip
async def test_an_offset_that_is_none_means_reload(station: Station, after: str) -> None:
    site = station.one("Site", name="North")
    async with talk(station, "administrator") as one:
        await one.subscribe("1", CHANGES, under=site, after=after)
        reload = await change(one, "1")
        assert reload["reason"] == "OFFSET_UNKNOWN"
        await one.subscribe("2", CHANGES, under=site, after=reload["offset"])
        assert await one.waiting("2") == []


async def test_an_offset_of_another_log_or_too_old_means_reload(own_station: Station) -> None:
    site = own_station.one("Site", name="North")
    async with talk(own_station, "administrator") as one:
        offset = await started(one, "1", site)
        raw = urlsafe_b64decode(offset + "=" * (-len(offset) % 4))
        forged = {"another log": secrets.token_bytes(16) + raw[16:], "ahead": raw[:16] + b"900000000:900000001:"}
        for id, after in forged.items():
            await one.subscribe(id, CHANGES, under=site, after=urlsafe_b64encode(after).decode().rstrip("="))
            assert (await change(one, id))["reason"] == "OFFSET_TOO_OLD"
        with psycopg.connect(plain(own_station.place.url)) as connection:
            connection.execute("update event_log set pruned_below = pg_snapshot_xmax(pg_current_snapshot())")
        await one.subscribe("pruned", CHANGES, under=site, after=offset)
        assert (await change(one, "pruned"))["reason"] == "OFFSET_TOO_OLD"


def events(station: Station, site: str, count: int) -> None:
    """So many events of a site in one transaction."""
    with psycopg.connect(plain(station.place.url)) as connection:
        connection.execute("update site set version = version + %s where id = %s", (count, uuid.UUID(site[4:])))
        connection.execute(
            "insert into event (tenant_id, type, node_type, node_id, version, organization_id, site_id)"
            " select tenant_id, 'SiteUpdated', 'Site', id, version - %s + number, organization_id, id"
            " from site, generate_series(1, %s) as number where id = %s order by number",
            (count, count, uuid.UUID(site[4:])),
        )


async def test_too_much_missed_means_reload(own_station: Station) -> None:
    site, other = own_station.one("Site", name="North"), own_station.one("Site", name="South")
    async with talk(own_station, "administrator") as one:
        offset = await started(one, "1", site)
        await asyncio.to_thread(events, own_station, other, 999)
        await asyncio.to_thread(events, own_station, site, 1)
        await one.subscribe("2", CHANGES, under=site, after=offset)
        assert (await change(one, "2"))["nodeId"] == site
        await asyncio.to_thread(events, own_station, other, 1)
        await one.subscribe("3", CHANGES, under=site, after=offset)
        reload = await change(one, "3")
        assert reload["reason"] == "OFFSET_TOO_OLD"
        await command(own_station, "updateSite", id=site, name="Far North")
        assert (await change(one, "3"))["node"] == {"name": "Far North"}
        await one.subscribe("4", CHANGES, under=site, after=reload["offset"])
        assert (await change(one, "4"))["node"] == {"name": "Far North"}


async def test_too_much_at_once_means_reload(own_station: Station) -> None:
    site = own_station.one("Site", name="North")
    async with talk(own_station, "administrator") as one:
        await started(one, "1", site)
        await asyncio.to_thread(events, own_station, site, 1_900)
        reload = await change(one, "1")
        assert reload["reason"] == "TOO_MANY_EVENTS"
        version = own_station.mirror().find(site)["version"]
        last = await change(one, "1")
        while last["version"] < version:
            last = await change(one, "1")
        await one.subscribe("2", CHANGES, under=site, after=reload["offset"])
        await command(own_station, "updateSite", id=site, name="Far North")
        assert (await change(one, "2"))["version"] == version + 1


async def test_every_node_keeps_its_order_whoever_writes(two_stations: tuple[Station, Station]) -> None:
    sites = {two_stations[0].one("Site", name=name) for name in ("North", "South", "Dock", "East")}
    tenant = two_stations[0].place.world.tenants["acme"]
    before = {site: two_stations[0].place.mirror.find(site)["version"] for site in sites}

    def write(number: int) -> None:
        station = two_stations[number % 2]
        for _ in range(5):
            for site in sorted(sites, key=lambda one: hash((one, number))):
                given = {"id": site, "serviceDetails": secrets.token_hex(4)}
                station.command("administrator", "updateSite", **given)

    async with talk(two_stations[0], "administrator") as one, talk(two_stations[1], "account_manager") as other:
        for each in (one, other):
            await started(each, "1", tenant, types=["Site"])
        await asyncio.gather(*(asyncio.to_thread(write, number) for number in range(6)))
        for each in (one, other):
            seen: dict[str, list[int]] = {site: [] for site in sites}
            for _ in range(6 * 5 * 4):
                event = await change(each, "1")
                seen[event["nodeId"]].append(event["version"])
            assert seen == {site: list(range(first + 1, first + 31)) for site, first in before.items()}


# What comes into sight, and what leaves it.


async def test_a_job_is_told_to_its_parties_until_they_leave(own_station: Station) -> None:
    job = own_station.one("Job", reference="acme-J-S2")
    cedar = own_station.one("Organization", shortName="Cedar")
    add = {"id": job, "organizationId": cedar, "role": "STAKEHOLDER"}
    async with talk(own_station, "portal_party") as one:
        await started(one, "1", cedar)
        await one.subscribe("access", ACCESS)
        before = await one.data("access")
        await command(own_station, "updateJob", id=job, title="Not told")
        await command(own_station, "addJobParty", **add)
        joined = await change(one, "1")
        assert (joined["event"], joined["nodeId"], joined["node"]) == ("JobPartyAdded", job, {"title": "Not told"})
        assert job in jobs(await one.data("access"))
        await command(own_station, "scheduleJob", id=job)
        assert (await change(one, "1"))["event"] == "JobScheduled"
        parties = own_station.mirror().rows["JobParty"].items()
        (party,) = [id for id, row in parties if row["job"] == job and row["organization"] == cedar]
        await command(own_station, "removeJobParty", id=job, partyId=party)
        left = await change(one, "1")
        assert (left["event"], left["kind"], left["nodeId"], left["node"]) == ("JobPartyRemoved", "GONE", job, None)
        state = await one.data("access")
        while job in jobs(state):
            state = await one.data("access")
        assert jobs(state) == jobs(before)
        await command(own_station, "updateJob", id=job, title="Not told either")
        await command(own_station, "updateOrganization", id=cedar, shortName="Cedars")
        assert (await change(one, "1"))["nodeId"] == cedar


def jobs(state: Any) -> list[str]:
    return sorted(one["id"] for one in state["access"]["jobs"]["nodes"])


async def test_a_report_goes_from_those_who_saw_it_and_from_nobody_else(own_station: Station) -> None:
    site = own_station.one("Site", name="North")
    shown = report(own_station, "North", "INCIDENT", "PUBLISHED")
    other = report(own_station, "North", "INSPECTION", "PUBLISHED")
    draft = report(own_station, "North", "INCIDENT", "DRAFT")
    async with talk(own_station, "portal_incidents") as one, talk(own_station, "administrator") as staff:
        await started(one, "1", site)
        await started(staff, "1", site)
        # None of these was ever seen.
        await command(own_station, "updateReport", id=draft, kind="ACTIVITY")
        await command(own_station, "updateReport", id=draft, kind="INCIDENT")
        await command(own_station, "archiveReport", id=draft)
        await command(own_station, "withdrawReport", id=other)
        # This one is lost from sight and comes back.
        await command(own_station, "updateReport", id=shown, kind="ACTIVITY")
        assert told(await change(one, "1")) == ("ReportReclassified", "GONE", shown)
        await command(own_station, "updateReport", id=shown, kind="INCIDENT")
        assert told(await change(one, "1")) == ("ReportReclassified", "UPDATED", shown)
        await command(own_station, "withdrawReport", id=shown)
        assert told(await change(one, "1")) == ("ReportWithdrawn", "GONE", shown)
        await command(own_station, "publishReport", id=shown)
        assert told(await change(one, "1")) == ("ReportPublished", "UPDATED", shown)
        await command(own_station, "archiveReport", id=shown)
        assert told(await change(one, "1")) == ("ReportWithdrawn", "GONE", shown)
        kinds = [(await change(staff, "1"))["kind"] for _ in range(10)]
        assert kinds == ["UPDATED"] * 10
        assert await one.waiting("1") == []


def told(event: Any) -> tuple[str, str, str]:
    return event["event"], event["kind"], event["nodeId"]


RATED = "viewerPermissions ... on Contract { title baseRate { amount } internalNotes }"
RATES = f"""subscription($under: ID!) {{ changes(under: $under, types: [Contract]) {{
  ... on Change {{ kind nodeId node {{ {RATED} }} }}
}} }}"""


async def test_guarded_fields_are_told_for_each_event_and_each_viewer(own_station: Station) -> None:
    alder = own_station.one("Organization", shortName="Alder")
    contracts = [own_station.one("Contract", reference=f"acme-{name}") for name in ("C-A2", "C-N1")]
    viewers = ("administrator", "portal_mixed", "account_manager", "portal_manager", "dispatcher", "clerk")
    shows = f"query($id: ID!) {{ node(id: $id) {{ {RATED} }} }}"
    talks = [talk(own_station, name) for name in viewers]
    opened = [await one.__aenter__() for one in talks]
    try:
        for one in opened:
            await one.subscribe("1", RATES, under=alder)
            await one.of("1")
        for round_, contract in enumerate(contracts * 2):
            await command(own_station, "updateContract", id=contract, title=f"Round {round_}")
            for name, one in zip(viewers, opened, strict=True):
                query = own_station.answer(name, shows, id=contract)
                if query["data"]["node"] is None:
                    assert await one.waiting("1") == []
                    continue
                payload = (await one.of("1"))["payload"]
                assert payload["data"]["changes"]["node"] == query["data"]["node"]
                assert fields(payload) == fields(query)
    finally:
        for one in reversed(talks):
            await one.__aexit__(None, None, None)


def fields(answer: Any) -> list[tuple[str, str]]:
    """What is said of fields that are not shown."""
    errors = answer.get("errors", ())
    assert all(one["path"][0] in {"changes", "node"} and one["extensions"]["count"] == 1 for one in errors)
    return [(one["extensions"]["code"], one["extensions"]["field"]) for one in errors]


COMPILED = "subscription { access { poisoned: name } }"
ORDINARY = 'subscription { access { poisoned: name jobs(after: "no cursor") { totalCount } } }'


def to_fail(monkeypatch: pytest.MonkeyPatch, fail: Callable[[Any], Awaitable[Any]]) -> None:
    """Have ``fail``, which is given what runs statements, called for whatever shows a field as ``poisoned``."""
    run, read = turns.run, pushed.read

    async def executed(operation: Any, variables: Any, context: Any, root: Any = None) -> Any:
        if "poisoned" in operation.document.text:
            await fail(context.loaders.reader.all)
        return await run(operation, variables, context, root)

    async def compiled(plan: Any, calls: Any, statements: Any) -> Any:
        if "poisoned" in plan.statement.text:
            await fail(statements)
        return await read(plan, calls, statements)

    monkeypatch.setattr(turns, "run", executed)
    monkeypatch.setattr(pushed, "read", compiled)


@pytest.mark.parametrize("asked", [COMPILED, ORDINARY])
async def test_a_failure_of_one_is_not_the_others(
    asked: str, own_station: Station, monkeypatch: pytest.MonkeyPatch, untroubled: list[Any]
) -> None:
    async def planted(_: Any) -> None:
        raise RuntimeError("planted")

    to_fail(monkeypatch, planted)
    site = own_station.one("Site", name="North")
    async with talk(own_station, "administrator") as one, talk(own_station, "account_manager") as other:
        await started(other, "1", site)
        await one.subscribe("1", asked)
        assert await one.refusal("1") == ["INTERNAL"]
        (logged,) = [one for one in untroubled if one["log_level"] == "error"]
        assert (logged["event"], str(logged["exc_info"])) == ("operation_failed", "planted")
        untroubled.remove(logged)
        await one.subscribe("1", "subscription { access { name } }")
        await one.data("1")
        await command(own_station, "updateSite", id=site, name="Far North")
        assert (await change(other, "1"))["node"] == {"name": "Far North"}


@pytest.mark.parametrize("asked", [COMPILED, ORDINARY])
async def test_a_statement_that_fails_does_not_take_the_snapshot_from_the_others(
    asked: str, own_station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(statements: Any) -> None:
        await statements(text("select set_config('statement_timeout', '50', true)"))
        await statements(text("select pg_sleep(60)"))

    to_fail(monkeypatch, slow)
    async with talk(own_station, "administrator") as one, talk(own_station, "account_manager") as other:
        await one.subscribe("1", asked)
        await other.subscribe("1", ACCESS)
        assert await one.refusal("1") == ["TIMEOUT"]
        assert await other.data("1") == {"access": viewer(own_station, "account_manager")}
