"""Heads, chunk extensions and trailers without an end, and connections on which nothing comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest

from server import http_protocol
from tests.server.talking import Station

HEAD = b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "many headers": (HEAD, b"a: b\r\n"),
    "one header": (HEAD + b"X: ", b"a"),
    "the path": (b"GET /", b"a"),
    "a chunk's extension": (CHUNKED + b"2;", b"x"),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n", b"a: b\r\n"),
}
OFFERED = 8 * 2**20


@asynccontextmanager
async def connected(station: Station) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", station.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def sent(station: Station, begin: bytes, part: bytes) -> int:
    """How many bytes the service took before it hung up."""
    pieces, taken = part * (16_384 // len(part)), 0
    async with connected(station) as (reader, writer), asyncio.timeout(20):
        writer.write(begin)
        with suppress(OSError):
            while taken < OFFERED and not reader.at_eof():
                writer.write(pieces)
                await writer.drain()
                taken += len(pieces)
                await asyncio.sleep(0)
    return taken


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.usefixtures("untroubled")
async def test_what_has_no_end_is_cut_off(station: Station, name: str) -> None:
    assert await sent(station, *ENDLESS[name]) < OFFERED
    assert station.ask("administrator", "{ viewer { name } }")


async def test_a_head_has_so_many_lines(station: Station) -> None:
    lines = b"a: b\r\n" * http_protocol.MOST_HEADERS
    async with connected(station) as (reader, writer):
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n" + lines + b"\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("begin", [b"", b"GET /health/live HT", CHUNKED + b"2;x"], ids=["nothing", "a head", "a chunk"])
async def test_what_does_not_go_on_ends_in_time(
    station: Station, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    monkeypatch.setattr(http_protocol, "WITHIN", 0.5)
    async with connected(station) as (reader, writer), asyncio.timeout(20):
        writer.write(begin)
        began, said = time.monotonic(), b""
        with suppress(OSError):
            said = await reader.read()
        assert time.monotonic() - began >= 0.4
        # Where the head was whole, it is the body that is waited for, and that is told.
        assert said.startswith(b"HTTP/1.1 408 ") == (begin[-1:] == b"x")


async def test_who_is_slow_but_gets_on_is_answered(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "WITHIN", 2.0)
    async with connected(station) as (reader, writer), asyncio.timeout(20):
        for _ in range(2):
            for part in (b"GET /health/live HTTP/1.1\r\n", b"Host: 127.0.0.1\r\n", b"\r\n"):
                writer.write(part)
                await asyncio.sleep(0.05)
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")
            assert (await reader.readuntil(b'{"live":true}')).endswith(b'{"live":true}')
