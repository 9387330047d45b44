"""graphql-transport-ws as its clients speak it: who is let in, and how operations begin and end."""

import asyncio
import threading
import time

import httpx2
import pytest
from websockets.exceptions import InvalidStatus

from tests.server.talking import Station, socket, talk, until

pytestmark = pytest.mark.usefixtures("untroubled")
VIEWER = "{ viewer { name } }"
ACCESS = "subscription { access { name } }"
NAME = {"viewer": {"name": "Administrator"}}


async def test_the_protocol_is_opened_and_pings_are_answered(station: Station) -> None:
    async with talk(station, "administrator") as one:
        assert one.connection.subprotocol == "graphql-transport-ws"
        await one.say({"type": "ping"})
        assert await one.hear() == {"type": "pong"}
        await one.say({"type": "pong", "payload": {"of": "nobody's ping"}})
        await one.alive()


async def test_queries_and_mutations_are_answered_and_complete(own_station: Station) -> None:
    site = own_station.one("Site", name="North")
    update = "mutation($input: UpdateSiteInput!) { updateSite(input: $input) { site { name } userErrors { code } } }"
    async with talk(own_station, "administrator") as one:
        assert await one.query("1", VIEWER) == NAME
        answer = await one.query("2", update, input={"id": site, "name": "Far North"})
        assert answer == {"updateSite": {"site": {"name": "Far North"}, "userErrors": []}}
        assert await one.query("1", VIEWER) == NAME  # An id is free again once its operation is complete.
    assert own_station.mirror().find(site)["name"] == "Far North"


async def test_operations_run_side_by_side(station: Station) -> None:
    async with talk(station, "administrator") as one:
        for number in range(10):
            await one.subscribe(str(number), VIEWER)
        for number in range(10):
            assert await one.data(str(number)) == NAME
            assert await one.of(str(number)) == {"id": str(number), "type": "complete"}


async def test_a_lease_that_lapses_for_a_moment_is_waited_for(
    own_station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, waits = own_station.process.gate, threading.Event()
    opened = gate.opened

    async def noted(within: float) -> bool:
        waits.set()
        return await opened(within)

    monkeypatch.setattr(gate, "opened", noted)
    with own_station.limited(lease_within=30.0):
        async with talk(own_station, "administrator") as one:
            gate.clock = lambda: time.monotonic() + 3600
            await one.subscribe("1", "{ viewer { name } }")
            await until(waits.is_set)
            gate.clock = time.monotonic
            assert await one.data("1") == {"viewer": {"name": "Administrator"}}


async def test_a_deaf_process_answers_nothing_that_rests_on_rights(own_station: Station) -> None:
    async with talk(own_station, "administrator") as one:
        own_station.process.gate.close()
        await one.subscribe("1", "{ viewer { name } }")
        refused = (await one.of("1"))["payload"]
        assert refused["data"] is None
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["SERVICE_UNAVAILABLE"]


async def test_the_named_operation_is_run(station: Station) -> None:
    document = f"query A {VIEWER} query B {{ viewer {{ email }} }} subscription C {{ access {{ name }} }}"
    async with talk(station, "administrator") as one:
        for id, name in (("1", "B"), ("2", "C")):
            await one.say({"id": id, "type": "subscribe", "payload": {"query": document, "operationName": name}})
        assert await one.data("1") == {"viewer": {"email": "administrator@acme.example"}}
        assert await one.data("2") == {"access": {"name": "Administrator"}}


async def test_an_error_ends_the_operation_and_nothing_else(station: Station) -> None:
    async with talk(station, "administrator") as one:
        await one.subscribe("live", ACCESS)
        assert await one.data("live") == {"access": {"name": "Administrator"}}
        await one.subscribe("1", "{ viewer {")
        assert await one.refusal("1") == ["GRAPHQL_PARSE_FAILED"]
        await one.subscribe("1", "{ viewer { nam } }")
        assert await one.refusal("1") == ["GRAPHQL_VALIDATION_FAILED"]
        assert await one.query("1", VIEWER) == NAME


async def test_complete_ends_a_subscription(own_station: Station) -> None:
    site = own_station.one("Site", name="North")
    changes = "subscription($under: ID!) { changes(under: $under) { __typename ... on Change { version } } }"
    async with talk(own_station, "administrator") as one:
        for id in ("kept", "left"):
            await one.subscribe(id, changes, under=site)
            assert (await one.data(id))["changes"]["__typename"] == "Reload"
        await one.say({"id": "left", "type": "complete"})
        await one.say({"id": "never opened", "type": "complete"})
        await one.alive()
        own_station.command("administrator", "updateSite", id=site, name="Far North")
        assert (await one.data("kept"))["changes"]["__typename"] == "Change"
        assert await one.waiting("left") == []
        await one.subscribe("left", VIEWER)
        assert await one.data("left") == NAME


async def test_complete_cancels_what_runs(own_station: Station) -> None:
    runs, held = asyncio.Event(), asyncio.Event()
    operations = own_station.process.operations
    execute = operations.execute

    async def slow(*_, **__):
        loop.call_soon_threadsafe(runs.set)
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            loop.call_soon_threadsafe(held.set)
            raise

    loop = asyncio.get_running_loop()
    async with talk(own_station, "administrator") as one:
        operations.execute = slow
        await one.subscribe("1", VIEWER)
        await asyncio.wait_for(runs.wait(), 10)
        await one.say({"id": "1", "type": "complete"})
        await asyncio.wait_for(held.wait(), 10)
        operations.execute = execute
        assert await one.query("1", VIEWER) == NAME
        operations.execute = slow
        runs.clear()
        held.clear()
        await one.subscribe("2", VIEWER)
        await asyncio.wait_for(runs.wait(), 10)
    await asyncio.wait_for(held.wait(), 10)  # And so does leaving.


async def test_an_id_in_use_is_the_end(station: Station) -> None:
    async with talk(station, "administrator") as one:
        await one.subscribe("1", ACCESS)
        await one.subscribe("1", VIEWER)
        assert await one.closed() == 4409


async def test_initialising_twice_is_the_end(station: Station) -> None:
    async with talk(station, "administrator") as one:
        await one.say({"type": "connection_init"})
        assert await one.closed() == 4429


@pytest.mark.parametrize("message", [
    {"id": "1", "type": "subscribe", "payload": {"query": VIEWER}},
    {"id": "1", "type": "complete"},
    {"type": "pong"},
    {"type": "start"},
])  # fmt: skip
async def test_nothing_is_done_before_the_initialisation(station: Station, message) -> None:
    async with socket(station, headers=station.bearer("administrator")) as one:
        await one.say(message)
        assert await one.closed() == 4401


async def test_who_does_not_initialise_is_sent_away_in_time(station: Station) -> None:
    assert station.process.deck.limits.init_within == 5
    with station.limited(init_within=0.3):
        async with socket(station) as one:
            await one.say({"type": "ping"})  # It is answered, and buys no time.
            assert await one.hear() == {"type": "pong"}
            assert await one.closed() == 4408


async def test_an_unknown_type_is_the_end(station: Station) -> None:
    for kind in ("start", "stop", "connection_terminate", "next", "", "Ping"):
        async with talk(station, "administrator") as one:
            await one.say({"id": "1", "type": kind})
            assert await one.closed() == 4400


@pytest.mark.parametrize("protocol", ["graphql-ws", "", "graphql-transport-ws2", "mqtt"])
async def test_other_protocols_are_refused(station: Station, protocol: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket(station, protocol=protocol, headers=station.bearer("administrator")):
            pass
    assert refused.value.response.status_code == 403


async def test_there_are_no_sockets_elsewhere(station: Station) -> None:
    for path in ("/", "/graphql/", "/health/live"):
        with pytest.raises(InvalidStatus) as refused:
            async with socket(station_at(station, path)):
                pass
        assert refused.value.response.status_code in {403, 404}


def station_at(station: Station, path: str) -> Station:
    class There(Station):
        url = station.url.removesuffix("/graphql") + path

    return There(station.origin, station.process, station.place, station.http)


def hostile(port: int) -> list[str]:
    return [
        "https://evil.example",
        "null",
        f"http://127.0.0.1.evil.example:{port}",
        f"http://127.0.0.1:{port}.evil.example",
        f"http://evil.example?127.0.0.1:{port}",
        f"https://127.0.0.1:{port}",
        f"http://127.0.0.1:{port + 1}",
        f"http://user@127.0.0.1:{port}",
    ]


@pytest.mark.parametrize("number", range(8))
async def test_a_page_of_another_origin_gets_no_socket(station: Station, number: int) -> None:
    headers = {"cookie": f"portico={station.token('administrator')}"}
    with pytest.raises(InvalidStatus) as refused:
        async with socket(station, headers=headers, origin=hostile(station.port)[number]):
            pass
    assert refused.value.response.status_code == 403


async def test_two_origins_are_none(station: Station) -> None:
    headers = [("Origin", station.origin), ("Origin", "https://evil.example")]
    with pytest.raises(InvalidStatus):
        async with socket(station, headers=headers):
            pass


@pytest.mark.parametrize("of_the_page", [True, False])
async def test_the_cookie_signs_in(station: Station, of_the_page: bool) -> None:
    headers = {"cookie": f"other=1; portico={station.token('administrator')}"}
    origin = {"origin": station.origin} if of_the_page else {}
    async with socket(station, headers=headers, **origin) as one:
        assert await one.init() == {"type": "connection_ack"}
        assert await one.query("1", VIEWER) == NAME


async def test_a_bearer_token_in_the_head_signs_in(station: Station) -> None:
    async with socket(station, headers=station.bearer("administrator")) as one:
        assert await one.init({}) == {"type": "connection_ack"}
        assert await one.query("1", VIEWER) == NAME


@pytest.mark.parametrize("name", ["authorization", "Authorization"])
async def test_a_bearer_token_in_the_payload_wins(station: Station, name: str) -> None:
    async with socket(station, headers=station.bearer("dispatcher")) as one:
        payload = {name: f"bearer {station.token('administrator')}", "more": [1]}
        assert await one.init(payload) == {"type": "connection_ack"}
        assert await one.query("1", VIEWER) == NAME


@pytest.mark.parametrize("authorization", [
    "Bearer", "Bearer x", "Basic dTpw", "Bearer " + "A" * 64, "Bearer " + "ä" * 64, "Bearer " + "A" * 30_000,
    "Bearer \ud800", "Bearer \x00", "",
])  # fmt: skip
async def test_a_token_of_nobody_is_refused(station: Station, authorization: str) -> None:
    async with socket(station) as one:
        await one.say({"type": "connection_init", "payload": {"authorization": authorization}})
        assert await one.closed() == (4400 if {"\ud800", "\x00"} & set(authorization) else 4401)


async def test_without_a_token_nobody_is_let_in(station: Station) -> None:
    for payload in (None, {}, {"authorization": None}, {"authorization": 1}, {"token": "x"}):
        async with socket(station) as one:
            await one.say({"type": "connection_init", "payload": payload})
            assert await one.closed() == 4401


async def test_plain_http_gets_no_subscription(station: Station) -> None:
    answer = station.answer("administrator", ACCESS)
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["SUBSCRIPTION_NEEDS_SOCKET"]
    assert isinstance(station.http, httpx2.Client)
