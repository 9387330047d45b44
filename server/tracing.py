"""What is known of a request while it is served: its id above all, for its answer and its log lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import Scope

_KEY = "portico.trace"
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{8,64}")


@dataclass(slots=True)
class Trace:
    """Filled in on the way, written down at the end."""

    request_id: str
    operation: str | None = None
    """The name of the GraphQL operation."""
    status: int = 0
    """The status that was sent; 0 before that."""


def trace_of(scope: Scope) -> Trace:
    """The trace of a request, made at the first call."""
    trace = scope.get(_KEY)
    if trace is None:
        trace = scope[_KEY] = Trace(_request_id(scope.get("headers", ())))
    return trace


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id the caller gave if it is harmless in a log, else a new one."""
    given = next((value for name, value in headers if name == b"x-request-id"), b"")
    return given.decode() if given and _GIVEN.fullmatch(given) else os.urandom(16).hex()
