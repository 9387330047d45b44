"""What is known of a request while it is served: its headers by name, and its id for its answer and its log lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import Scope

_KEY = "portico.trace"
_HEADERS = "portico.headers"
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Trace:
    """Filled in on the way, written down at the end."""

    request_id: str
    operation: str | None = None
    """The name of the GraphQL operation."""
    status: int = 0
    """The status that was sent; 0 before that."""


SERVED: ContextVar[Trace] = ContextVar("portico.trace")
"""The trace of the request that is being served, for whatever is logged on the way."""


def trace_of(scope: Scope) -> Trace:
    """The trace of a request, made at the first call."""
    trace = scope.get(_KEY)
    if trace is None:
        trace = scope[_KEY] = Trace(_request_id(scope))
    return trace


def headers_of(scope: Scope) -> Mapping[bytes, bytes]:
    """The headers of a request by their names in lower case.

    One that is said more than once is the list of what was said, as HTTP has it. So what may be said only once is then
    nothing that is valid.
    """
    headers = scope.get(_HEADERS)
    if headers is None:
        given = scope.get("headers", ())
        headers = dict(given)
        if len(headers) != len(given):
            headers = _listed(given)
        scope[_HEADERS] = headers
    return headers


def _listed(given: Iterable[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in given:
        headers[name] = b"%b, %b" % (headers[name], value) if name in headers else value
    return headers


def _request_id(scope: Scope) -> str:
    """The id the caller gave if it is harmless in a log, else a new one."""
    given = headers_of(scope).get(b"x-request-id")
    return given.decode() if given is not None and _GIVEN.fullmatch(given) else os.urandom(16).hex()
