"""What one client may take of a process, and that the others do not notice when it tries to take more."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed

from resolvers.ids import decode
from tests.server.talking import Raw, Station, frame, raw, socket, talk, until
from tests.world.mirror import plain

pytestmark = pytest.mark.usefixtures("untroubled")
VIEWER = "{ viewer { name } }"
ACCESS = "subscription { access { name } }"
CHANGES = """
subscription($under: ID!) { changes(under: $under) {
  ... on Reload { reason offset }
  ... on Change { kind version offset nodeId node { ... on Report { body } } }
} }
"""


async def test_a_socket_has_so_many_subscriptions(station: Station) -> None:
    assert station.process.deck.limits.subscriptions == 20
    async with talk(station, "administrator") as one:
        for number in range(20):
            await one.subscribe(f"s{number}", ACCESS)
            await one.data(f"s{number}")
        await one.subscribe("more", ACCESS)
        assert await one.refusal("more") == ["TOO_MANY_SUBSCRIPTIONS"]
        await one.say({"id": "s7", "type": "complete"})
        await one.subscribe("more", ACCESS)
        await one.data("more")


async def test_a_socket_runs_so_many_operations(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    operations = station.process.operations
    execute, go, loop = operations.execute, asyncio.Event(), asyncio.get_running_loop()

    async def waiting(*given: Any, **more: Any) -> Any:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(go.wait(), loop))
        return await execute(*given, **more)

    monkeypatch.setattr(operations, "execute", waiting)
    async with talk(station, "administrator") as one:
        for number in range(11):
            await one.subscribe(str(number), VIEWER)
        assert await one.refusal("10") == ["TOO_MANY_OPERATIONS"]
        go.set()
        for number in range(10):
            await one.data(str(number))
            assert (await one.of(str(number)))["type"] == "complete"
        await one.query("10", VIEWER)


async def test_an_operation_has_so_much_time(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(*_: Any, **__: Any) -> None:
        await asyncio.sleep(3600)

    assert station.process.deck.limits.answer_within == 10
    with station.limited(answer_within=0.2):
        async with talk(station, "administrator") as one:
            with monkeypatch.context() as patched:
                patched.setattr(station.process.operations, "execute", slow)
                await one.subscribe("1", VIEWER)
                (error,) = (await one.of("1"))["payload"]["errors"]
                assert error["extensions"]["code"] == "TIMEOUT"
                assert (await one.of("1"))["type"] == "complete"
            await one.query("1", VIEWER)


async def test_a_user_has_so_many_sockets(station: Station) -> None:
    assert station.process.deck.limits.sockets_of_user == 200
    with station.limited(sockets_of_user=3):
        async with talk(station, "dispatcher"), talk(station, "dispatcher"), talk(station, "dispatcher") as third:
            async with socket(station) as one:
                await one.say({"type": "connection_init", "payload": station.bearer("dispatcher")})
                assert await one.closed() == 4429
            async with talk(station, "finance") as other:
                await other.query("1", VIEWER)
            await third.alive()


async def test_a_process_has_so_many_sockets(station: Station) -> None:
    await until(lambda: not station.process.deck.open)
    with station.limited(sockets=2):
        # Whoever has not signed in counts too.
        async with talk(station, "dispatcher") as first, socket(station):
            async with socket(station) as one:
                assert await one.closed() == 1013
            await first.alive()
        await until(lambda: not station.process.deck.open)
        async with talk(station, "finance") as other:
            await other.alive()


async def test_messages_come_from_a_bucket_that_refills(station: Station) -> None:
    limits = station.process.deck.limits
    assert (limits.messages_a_second, limits.messages_at_once) == (50, 200)
    with station.limited(messages_a_second=20.0, messages_at_once=10.0):
        async with talk(station, "administrator") as one:
            for _ in range(15):
                await one.alive()
                await asyncio.sleep(0.05)  # A socket within its rate goes on for ever.
            for _ in range(30):
                await one.say({"type": "ping"})
            assert await one.closed() == 4429


def bomb(depth: int, ways: int) -> str:
    parts = [f"fragment F{n} on Viewer {{ {' '.join([f'...F{n + 1}'] * ways)} }}" for n in range(depth)]
    return "{ viewer { ...F0 } }" + " ".join(parts) + f" fragment F{depth} on Viewer {{ name }}"


BOMBS = {
    "two ways, 22": bomb(22, 2),
    "two ways, 60": bomb(60, 2),
    "ten ways, 10": bomb(10, 10),
    "ninety": bomb(90, 1),
    "a circle": "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
    "within fields": "{ viewer { ...F0 } }"
    + " ".join(f"fragment F{n} on Viewer {{ user {{ viewer: __typename }} a: user {{ id }} ...F{n + 1} ...F{n + 1} }}"
               for n in range(25)) + " fragment F25 on Viewer { name }",
    "inline": "{ viewer " + "{ ... on Viewer " * 400 + "{ name } " + "}" * 400 + "}",
    "aliases": "{" + " ".join(f"a{n}: viewer {{ name }}" for n in range(900)) + "}",
    "the same field": "{ viewer {" + " name" * 1900 + "} }",
    "directives": "{ viewer { name" + " @include(if: true)" * 400 + " } }",
    "tokens": "{ viewer { name } }" + " #\n" + "{" * 30_000,
    "a subscription": bomb(22, 2).replace("{ viewer", "subscription { access", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_at_once(station: Station, name: str) -> None:
    async with talk(station, "administrator") as one, talk(station, "finance") as other:
        seconds: list[float] = []
        for number in range(8):
            # It is never the very same document, which would be remembered.
            began = time.process_time()
            await one.subscribe("1", BOMBS[name].replace("name", f"name{number}: name", 1))
            (code, *_) = await one.refusal("1")
            seconds.append(time.process_time() - began)
            assert code in {"QUERY_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
        assert min(seconds) <= 0.05
        await other.query("1", VIEWER)


async def test_a_failed_sign_in_for_lack_of_a_database_says_to_try_again(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any, **__: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr("server.sockets.snapshot", lost)
    async with socket(station) as one:
        await one.say({"type": "connection_init", "payload": station.bearer("administrator")})
        assert await one.closed() == 1013


class Reports:
    """Reports of 2 KiB about one site, published as fast as the database takes them."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.site = station.one("Site", name="North")
        self.report = next(
            one for one in station.mirror().rows["Report"].values()
            if one["site"] == self.site and one["kind"] == "INCIDENT" and one["status"] == "PUBLISHED"
        )["id"]  # fmt: skip

    def version(self) -> int:
        """The version a client finds that fetches the report."""
        query = "query($id: ID!) { node(id: $id) { ... on Report { version } } }"
        return self.station.ask("portal_manager", query, id=self.report)["node"]["version"]

    def change(self, times: int, mark: str = "old") -> None:
        """So many changes of the report, each an event of its own, committed in a few transactions."""
        id = decode(self.report)[1]
        with psycopg.connect(plain(self.station.place.url)) as connection:
            for start in range(0, times, 500):
                for number in range(start, min(times, start + 500)):
                    connection.execute(
                        "update report set body = %s, version = version + 1 where id = %s",
                        (f"{mark} {number:05} ".ljust(2048, "."), id),
                    )
                    connection.execute(EVENT, {"id": id})
                connection.commit()


EVENT = """
insert into event (tenant_id, type, node_type, node_id, version, organization_id, site_id)
select tenant_id, 'ReportUpdated', 'Report', id, version, organization_id, site_id from report where id = %(id)s
"""


@asynccontextmanager
async def stopped(station: Station, viewer: str, under: str) -> AsyncIterator[Raw]:
    """A socket that has subscribed, and whose bytes nobody takes from the kernel any more."""
    async with raw(station, viewer, receiving=16 * 1024) as one:
        one.say({"id": "1", "type": "subscribe", "payload": {"query": CHANGES, "variables": {"under": under}}})
        assert b"STARTED" in (await one.read())[1]
        one.writer.transport.pause_reading()  # type: ignore[attr-defined]
        yield one


async def test_who_does_not_read_is_cut_off_and_disturbs_nobody(own_station: Station) -> None:
    reports = Reports(own_station)
    assert own_station.process.deck.limits.send_within == 5
    with own_station.limited(send_within=0.5):
        async with stopped(own_station, "portal_manager", reports.site) as deaf, talk(own_station, "finance") as other:
            (line,) = [one for one in own_station.process.deck.open if str(one.user_id.hex) in user(own_station)]
            await other.subscribe("1", CHANGES.replace("node { ... on Report { body } }", ""), under=reports.site)
            await other.data("1")
            most = 0
            for _ in range(6):
                await asyncio.to_thread(reports.change, 500)
                most = max(most, line.wire.transport.get_write_buffer_size())
                assert all(len(each.pending) <= 1_000 for each in line.subscriptions.values())
            assert most <= 64 * 1024 + 8 * 1024
            await until(lambda: line not in own_station.process.deck.open)
            await other.alive()
            came = await drained(deaf)
            assert len(came) <= 256 * 1024


def user(station: Station) -> str:
    return station.place.world.users["portal_manager"]


async def drained(one: Raw) -> bytes:
    """All that was on its way when the client begins to read again, to the end."""
    one.writer.transport.resume_reading()  # type: ignore[attr-defined]
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(20):
            while part := await one.reader.read(65536):
                parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


async def test_nothing_is_written_after_a_revoke_to_who_reads_again(own_station: Station) -> None:
    reports = Reports(own_station)
    grant = own_station.place.mirror.one(
        "Grant", user=user(own_station), name="portal_manager", archivedAt=None
    )["id"]  # fmt: skip
    async with stopped(own_station, "portal_manager", reports.site) as deaf:
        await asyncio.to_thread(reports.change, 600, "before")
        (line,) = own_station.process.deck.open
        await until(lambda: not line.ready)
        await asyncio.to_thread(own_station.command, "administrator", "revokeAccess", "", id=grant)
        await asyncio.to_thread(reports.change, 20, "after")
        deaf.say({"type": "ping"})
        came = bytearray()
        deaf.writer.transport.resume_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(20):
            while b'{"type":"pong"}' not in came and (part := await deaf.reader.read(65536)):
                came += part
        assert b"after" not in came
        assert b"before" in came
        assert len(came) <= 256 * 1024


async def test_a_slow_reader_gets_all_in_order_or_is_told_to_reload(own_station: Station) -> None:
    reports = Reports(own_station)
    first = own_station.mirror().find(reports.report)["version"]
    async with stopped(own_station, "portal_manager", reports.site) as slow:
        changing = asyncio.create_task(asyncio.to_thread(reports.change, 3000))
        slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
        version, fetched, reloaded, told = first, first, False, []
        while max(version, fetched) < first + 3000:
            opcode, payload = await slow.read()
            if opcode != 1:
                continue
            event = json.loads(payload)["payload"]["data"]["changes"]
            if "reason" in event:
                reloaded = True
                told.append(event["reason"])
                # What waited is not sent any more, and the very last change may be among it.
                fetched = await asyncio.to_thread(reports.version)
                continue
            assert event["version"] == version + 1 or (reloaded and version < event["version"] <= fetched + 1)
            version, reloaded = event["version"], False
            if version % 50 == 0:
                await asyncio.sleep(0.001)
        await changing
        assert set(told) <= {"TOO_MANY_EVENTS"}


async def test_a_vanished_client_is_no_trouble(station: Station) -> None:
    async with raw(station, "administrator") as one:
        one.writer.write(frame(1, json.dumps({"id": "1", "type": "subscribe", "payload": {"query": ACCESS}}).encode()))
        one.writer.transport.abort()
    async with talk(station, "administrator") as other:
        await other.connection.close()
        with pytest.raises(ConnectionClosed):
            await other.say({"type": "ping"})
    await until(lambda: not station.process.deck.open)
