"""Whole answers, written to the connection in one piece.

uvicorn takes an answer apart as a head and a body, looks at every header with two regular expressions and writes twice.
Most of our answers are small and their heads are all alike. So a head is put together once, and head and body leave
with one system call.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Protocol, cast

from starlette.types import Scope

from server.replies import Header
from server.ws_protocol import KEY


class Wire(Protocol):
    """The connection a request came by."""

    def answer(self, scope: Scope, *parts: bytes) -> bool:
        """Write an answer and be done with the request; False, and nothing written, if that takes the long way."""
        ...


def wire_of(scope: Scope) -> Wire | None:
    """The connection of a request, where there is one that takes whole answers."""
    return cast("Wire | None", scope.get("extensions", {}).get(KEY))


def head_of(status: int, headers: Iterable[Header]) -> bytes:
    """Status line and headers as they are sent, without the empty line that ends them."""
    lines = [b"%b: %b" % one for one in headers]
    if any(bad in line for line in lines for bad in (b"\r", b"\n", b"\0")):
        raise ValueError("A header may not hold more than a line.")
    return b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, HTTPStatus(status).phrase.encode(), b"\r\n".join(lines))
