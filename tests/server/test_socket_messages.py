"""Whatever comes over a socket, it goes on or ends with a code that says why, and is no mistake of ours."""

import gc
import json
from typing import Any

import pytest

from tests.server.talking import Raw, Station, raw, talk, until

pytestmark = pytest.mark.usefixtures("untroubled")
VIEWER = "{ viewer { name } }"
CHANGES = "subscription($under: ID!, $after: String) { changes(under: $under, after: $after) { __typename } }"


def subscribing(**payload: Any) -> dict[str, Any]:
    return {"id": "1", "type": "subscribe", "payload": {"query": VIEWER, **payload}}


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


ENDING: dict[str, Any] = {
    "nothing": "",
    "no JSON": "subscribe",
    "cut off": '{"type":"ping"',
    "two messages": '{"type":"ping"}{"type":"ping"}',
    "array": [],
    "array of messages": [{"type": "ping"}],
    "string": '"ping"',
    "number": "1",
    "null": "null",
    "true": "true",
    "empty": {},
    "no type": {"id": "1", "payload": {"query": VIEWER}},
    "type a number": {"type": 1},
    "type a list": {"type": ["ping"]},
    "type null": {"type": None},
    "unknown type": {"type": "subscribe2"},
    "10,000 levels": '{"type":"ping","payload":' + deep(10_000) + "}",
    "type twice": '{"type":"ping","type":"pong"}',
    "5,000 digits": '{"type":"ping","payload":' + "9" * 5000 + "}",
    "NaN": '{"type":"ping","payload":NaN}',
    "id a number": {**subscribing(), "id": 1},
    "id a list": {**subscribing(), "id": ["1"]},
    "id an object": {**subscribing(), "id": {}},
    "id null": {**subscribing(), "id": None},
    "no id": {"type": "subscribe", "payload": {"query": VIEWER}},
    "id empty": {**subscribing(), "id": ""},
    "id of 129": {**subscribing(), "id": "x" * 129},
    "id with NUL": {**subscribing(), "id": "a\x00"},
    "id with a lone surrogate": {**subscribing(), "id": "a\ud800"},
    "complete without id": {"type": "complete"},
    "complete with a list": {"type": "complete", "id": []},
    "no payload": {"id": "1", "type": "subscribe"},
    "payload a string": {"id": "1", "type": "subscribe", "payload": VIEWER},
    "payload null": {"id": "1", "type": "subscribe", "payload": None},
    "payload an array": {"id": "1", "type": "subscribe", "payload": [VIEWER]},
    "payload empty": {"id": "1", "type": "subscribe", "payload": {}},
    "query null": subscribing(query=None),
    "query a number": subscribing(query=1),
    "variables an array": subscribing(variables=[]),
    "variables a string": subscribing(variables="{}"),
    "variables too deep": json.dumps(subscribing(variables={"x": "@"})).replace('"@"', deep(300)),
    "variables with NUL": subscribing(variables={"x": ["a\x00"]}),
    "variables with a lone surrogate": subscribing(variables={"x": {"\ud800": 1}}),
    "operation name an object": subscribing(operationName={}),
    "operation name with NUL": subscribing(operationName="a\x00"),
    "query with a lone surrogate": subscribing(query="{ viewer { name } } # \ud800"),
    "query with NUL": subscribing(query="{ viewer { name } } \x00"),
    "extensions a list": subscribing(extensions=[]),
}


@pytest.mark.parametrize("name", ENDING)
async def test_what_is_no_message_is_the_end(station: Station, name: str) -> None:
    async with talk(station, "administrator") as one:
        await one.say(ENDING[name])
        assert await one.closed() == 4400


REFUSED: dict[str, tuple[Any, str]] = {
    "query empty": (subscribing(query=""), "QUERY_MISSING"),
    "syntax": (subscribing(query="{ viewer { name "), "GRAPHQL_PARSE_FAILED"),
    "unknown field": (subscribing(query="{ nothing }"), "GRAPHQL_VALIDATION_FAILED"),
    "schema only": (subscribing(query="scalar X"), "GRAPHQL_VALIDATION_FAILED"),
    "fragment only": (subscribing(query="fragment F on Viewer { name }"), "GRAPHQL_VALIDATION_FAILED"),
    "unknown operation": (subscribing(operationName="Nobody"), "OPERATION_NOT_FOUND"),
    "which operation": (subscribing(query=f"query A {VIEWER} query B {VIEWER}"), "OPERATION_NAME_REQUIRED"),
    "unused variable": (subscribing(query="query($a: ID!) { viewer { name } }"), "GRAPHQL_VALIDATION_FAILED"),
    "unknown variable": (subscribing(query="{ node(id: $id) { id } }"), "GRAPHQL_VALIDATION_FAILED"),
    "variable missing": (subscribing(query="query($a: ID!) { node(id: $a) { id } }"), "BAD_USER_INPUT"),
    "variable of another type": (subscribing(query="query($a: Int!) { viewer { sites(first: $a) { totalCount } } }",
                                             variables={"a": "one"}), "BAD_USER_INPUT"),
    "number too large": (subscribing(query="query($a: Int!) { viewer { sites(first: $a) { totalCount } } }",
                                     variables={"a": 2**53}), "BAD_USER_INPUT"),
    "too deep": (subscribing(query="{ viewer { user " + "{ viewerPermissions " * 30 + "}" * 32), "QUERY_TOO_COMPLEX"),
    "two root fields": (subscribing(query="subscription { access { name } again: access { name } }"),
                        "GRAPHQL_VALIDATION_FAILED"),
    "skipped root": (subscribing(query="subscription { access @skip(if: false) { name } }"),
                     "GRAPHQL_VALIDATION_FAILED"),
    "skipped by a variable": (subscribing(query="subscription($a: Boolean!) { access @include(if: $a) { name } }",
                                          variables={"a": False}), "GRAPHQL_VALIDATION_FAILED"),
    "introspection as root": (subscribing(query="subscription { __typename }"), "GRAPHQL_VALIDATION_FAILED"),
    "introspection under an alias": (subscribing(query="subscription { access: __schema { types { name } } }"),
                                     "GRAPHQL_VALIDATION_FAILED"),
    "skipped fragment": (subscribing(query="subscription { ... @skip(if: true) { access { name } } }"),
                         "GRAPHQL_VALIDATION_FAILED"),
    "no place": (subscribing(query=CHANGES, variables={"under": "nowhere"}), "NOT_FOUND"),
    "no place but a job": (subscribing(query=CHANGES, variables={"under": "job_" + "0" * 32}), "NOT_FOUND"),
    "under nothing": (subscribing(query=CHANGES, variables={"under": ""}), "NOT_FOUND"),
    "unknown kind of node": (
        subscribing(query='subscription { changes(under: "x", types: [Nothing]) { __typename } }'),
        "GRAPHQL_VALIDATION_FAILED"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_an_operation_that_cannot_be_run_is_an_error_of_its_own(station: Station, name: str) -> None:
    message, code = REFUSED[name]
    async with talk(station, "administrator") as one:
        await one.say(message)
        assert code in await one.refusal("1")
        assert await one.query("1", VIEWER) == {"viewer": {"name": "Administrator"}}


@pytest.mark.parametrize("query", [
    "subscription { ...Root } fragment Root on Subscription { access { name } }",
    "subscription { ... { ... on Subscription { access { name } } } }",
    "subscription { ...A } fragment A on Subscription { ...B } fragment B on Subscription { access { name } }",
    'subscription S($never: String = "used") { access { name } ...N } fragment N on Subscription { access { email } }',
])  # fmt: skip
async def test_a_subscriptions_field_may_stand_in_a_fragment(station: Station, query: str) -> None:
    query = query.replace('S($never: String = "used") ', "")
    async with talk(station, "administrator") as one:
        await one.subscribe("1", query)
        assert (await one.data("1"))["access"]["name"] == "Administrator"


async def test_odd_but_harmless_messages_change_nothing(station: Station) -> None:
    async with talk(station, "administrator") as one:
        await one.say({"type": "pong", "payload": [1], "more": {}})
        await one.say({"type": "complete", "id": "never opened"})
        await one.say({"type": "ping", "payload": 1})
        assert await one.hear() == {"type": "pong"}
        await one.say({**subscribing(variables={"undeclared": [[[1]]]}), "payload": {"query": VIEWER, "more": 1}})
        assert await one.data("1") == {"viewer": {"name": "Administrator"}}


async def test_an_undeclared_variable_disturbs_nobody(station: Station) -> None:
    async with talk(station, "administrator") as one, talk(station, "administrator") as other:
        await one.say(subscribing(query="subscription { access { name } }", variables={"x": [[[[1]]]], "y": 1e300}))
        await other.subscribe("1", "subscription { access { name } }")
        for each in (one, other):
            assert await each.data("1") == {"access": {"name": "Administrator"}}


FRAMES: dict[str, tuple[int, Any]] = {
    "binary": (4400, lambda one: one.write(2, b'{"type":"ping"}')),
    "empty binary": (4400, lambda one: one.write(2, b"")),
    "invalid UTF-8": (1007, lambda one: one.write(1, b'{"type":"\xff"}')),
    "surrogate as UTF-8": (1007, lambda one: one.write(1, b'{"type":"\xed\xa0\x80"}')),
    "invalid UTF-8 in parts": (1007, lambda one: (one.write(1, b'{"type":"\xc3', fin=False), one.write(0, b'ping"}'))),
    "unmasked": (1002, lambda one: one.write(1, b'{"type":"ping"}', masked=False)),
    "reserved opcode": (1002, lambda one: one.write(3, b"x")),
    "reserved bit": (1002, lambda one: one.writer.write(b"\xc1\x80\x00\x00\x00\x00")),
    "continuation of nothing": (1002, lambda one: one.write(0, b"x")),
    "text within text": (1002, lambda one: (one.write(1, b"x", fin=False), one.write(1, b"y"))),
    "fragmented ping": (1002, lambda one: one.write(9, b"x", fin=False)),
    "ping of 126": (1002, lambda one: one.write(9, b"x" * 126)),
    "70 KiB": (1009, lambda one: one.write(1, b" " * 70 * 1024)),
    "1 MiB": (1009, lambda one: one.write(1, b" " * 1024 * 1024)),
    "70 KiB in parts": (1009, lambda one: [one.write(int(part == 0), b" " * 10240, fin=False) for part in range(7)]),
    "1,000 empty parts": (1009, lambda one: [one.write(int(part == 0), b"", fin=False) for part in range(1000)]),
    "20,000 pings of WebSocket": (4429, lambda one: one.writer.write(bytes(one_ping()) * 20_000)),
    "close with an odd code": (1002, lambda one: one.write(8, b"\x00\x01")),
    "close of one byte": (1002, lambda one: one.write(8, b"\x03")),
}  # fmt: skip


def one_ping() -> bytes:
    return b"\x89\x80\x00\x00\x00\x00"


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("viewer", ["administrator", None])
async def test_an_odd_frame_is_answered_by_a_code(station: Station, name: str, viewer: str | None) -> None:
    code, write = FRAMES[name]
    async with raw(station, viewer) as one:
        write(one)
        assert await one.closed() == code
        assert await one.reader.read() == b""


async def test_a_message_may_come_in_parts(station: Station) -> None:
    async with raw(station, "administrator") as one:
        text = '{"type":"ping","payload":{"ä":"€"}}'.encode()
        for index in range(0, len(text), 3):
            last = index + 3 >= len(text)
            one.write(1 if index == 0 else 0, text[index : index + 3], fin=last)
            one.write(9, b"between")
        answers = [await one.read() for _ in range(-(-len(text) // 3) + 1)]
        assert (1, b'{"type":"pong"}') in answers
        assert answers.count((10, b"between")) == len(answers) - 1


async def test_a_flood_of_pings_ends_soon(station: Station) -> None:
    async with raw(station, "administrator") as one:
        await flood(one)
        assert await one.closed() == 4429


async def flood(one: Raw) -> None:
    """20,000 pings of the protocol, sent without reading."""
    for _ in range(200):
        for _ in range(100):
            one.say({"type": "ping"})
        try:
            await one.writer.drain()
        except ConnectionError:
            return


async def test_who_pings_and_does_not_read_takes_no_memory(station: Station) -> None:
    async with raw(station, "administrator", receiving=4096) as one:
        before = buffered(station)
        one.writer.write(one_ping() * 200_000)
        assert await one.closed() == 4429
        assert buffered(station) <= before


def buffered(station: Station) -> int:
    """What lies in the server for its sockets."""
    return sum(one.wire.transport.get_write_buffer_size() for one in list(station.process.deck.open))


async def test_leaving_in_any_way_leaves_nothing_behind(station: Station) -> None:
    deck = station.process.deck
    async with talk(station, "administrator") as staying:
        await staying.alive()
        # Whoever a test before this one left is gone.
        await until(lambda: len(deck.open) == 1)
        for leave in ("close", "abort", "half"):
            async with raw(station, "administrator") as one:
                one.say(subscribing(query="subscription { access { name } }"))
                await one.read()
                assert len(deck.open) == 2
                if leave == "close":
                    one.write(8, b"\x03\xe8")
                    assert await one.closed() == 1000
                elif leave == "half":
                    one.writer.write_eof()
            await until(lambda: len(deck.open) == 1)
        await staying.alive()
        gc.collect()  # A failure nobody has looked at would be told now.
