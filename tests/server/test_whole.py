"""Answers that leave in one piece are the same as those that go the long way, whatever the client does."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from server.edge import Edge
from server.replies import Reply
from server.streams import StreamingProtocol
from server.whole import head_of
from tests.server.serving import serving

BODIES = {"/small": b"{}", "/empty": b"", "/large": b"x" * 3_000_000}
KEPT = 1
TYPE = (b"content-type", b"application/json")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await edge(scope, receive, send)


async def told(scope: Scope, _: Receive, send: Send) -> None:
    path: str = scope["path"]
    if path == "/long":
        await send({"type": "http.response.start", "status": 200, "headers": [TYPE, (b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})
    elif path == "/late":
        await asyncio.sleep(1.5 * KEPT)
        await Reply(200, b"late", (TYPE,)).send(send)
    else:
        await Reply(200, BODIES[path], (TYPE,)).send(send)


edge = Edge(told)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(app) as origin:
        yield int(origin.rpartition(":")[2])


def said(port: int, *requests: bytes) -> bytes:
    """All that comes back until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(b"".join(requests))
        return b"".join(iter(lambda: client.recv(65536), b""))


def request(path: str, method: str = "GET", *headers: str) -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "host: x", "x-request-id: the-request", *headers)
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


LAST = request("/small", "GET", "connection: close")


def answers(raw: bytes) -> list[tuple[str, list[str], bytes]]:
    """Status line, sorted headers and body of every answer."""
    found: list[tuple[str, list[str], bytes]] = []
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        status, *headers = head.decode().split("\r\n")
        size = int(next(one for one in headers if one.startswith("content-length: "))[16:])
        found.append((status, sorted(headers), raw[:size]))
        raw = raw[size:]
    return found


def test_both_ways_say_the_same(port: int) -> None:
    raw = said(port, request("/small"), request("/long"), LAST)
    whole, long, last = answers(re.sub(rb"date: [^\r]*", b"date: now", raw))
    assert whole == long
    assert last[1] == sorted([*whole[1], "connection: close"])
    assert {"date: now", "x-request-id: the-request", "x-content-type-options: nosniff"} <= set(whole[1])


def test_a_connection_serves_one_after_the_other_even_if_all_were_asked_at_once(port: int) -> None:
    asked = ["/small", "/large", "/empty", "/long"] * 5
    got = answers(said(port, *(request(path) for path in asked), LAST))
    assert [body for _, _, body in got] == [BODIES.get(path, b"{}") for path in [*asked, "/small"]]


def test_what_can_go_the_short_way_does(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bool] = []
    answer = StreamingProtocol.answer

    def noted(self: StreamingProtocol, scope: Scope, *parts: bytes) -> bool:
        taken.append(answer(self, scope, *parts))
        return taken[-1]

    monkeypatch.setattr(StreamingProtocol, "answer", noted)
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        for one in (request("/small"), request("/small", "HEAD"), request("/empty"), LAST):
            client.sendall(one)
            assert client.recv(65536)
    assert taken == [True, False, True, False]


def test_a_head_has_no_body(port: int) -> None:
    raw = said(port, request("/small", "HEAD"), LAST)
    assert raw.count(b"HTTP/1.1 200 OK") == 2
    assert raw.count(b"{}") == 1


def test_an_answer_before_the_body_was_read_leaves_nothing_behind(port: int) -> None:
    body = b"y" * 70_000
    raw = said(port, request("/small", "POST", f"content-length: {len(body)}"), body, LAST)
    assert [body for _, _, body in answers(raw)] == [b"{}", b"{}"]


@pytest.mark.parametrize("value", [b"a\r\nb", b"a\nb", b"a\0b"])
def test_a_header_is_one_line(value: bytes) -> None:
    with pytest.raises(ValueError, match="line"):
        head_of(200, [(b"x", value)])


@pytest.fixture(scope="module")
def short_port() -> Iterator[int]:
    """Where connections are kept for a moment only."""
    with serving(app, timeout_keep_alive=KEPT) as origin:
        yield int(origin.rpartition(":")[2])


def test_a_connection_is_kept_while_requests_come_and_closed_when_none_does(short_port: int) -> None:
    with socket.create_connection(("127.0.0.1", short_port), 30) as client:
        began = time.monotonic()
        # For longer than a connection is kept, never idle for as long.
        while time.monotonic() < began + 1.5 * KEPT:
            client.sendall(request("/small"))
            assert answers(client.recv(65536))[0][0] == "HTTP/1.1 200 OK"
            last = time.monotonic()
        assert client.recv(65536) == b""
        assert time.monotonic() - last >= 0.9 * KEPT


def test_a_request_that_takes_longer_than_connections_are_kept_is_answered(short_port: int) -> None:
    with socket.create_connection(("127.0.0.1", short_port), 30) as client:
        client.sendall(request("/small"))
        assert client.recv(65536)
        client.sendall(request("/late"))
        assert answers(client.recv(65536))[0][2] == b"late"
