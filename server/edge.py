"""The outermost middleware: a log line, metrics and an answer for every request, and headers for every answer."""

from __future__ import annotations

import logging
import time
from functools import lru_cache

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import metrics
from server.errors import is_outage
from server.replies import Header, Reply, internal, unavailable
from server.tracing import SERVED, Trace, trace_of
from server.whole import head_of, wire_of

log = structlog.get_logger()
_LEVELS = logging.getLogger("portico")

_QUIET = ("/assets/", "/health/", "/metrics")
_FOLDERS = frozenset({"assets", "auth", "files", "graphiql", "graphql", "health", "metrics", "oauth"})
_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_NOTHING_RUNS: Header = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_HTTPS_ONLY: Header = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_PLAIN: tuple[Header, ...] = (*_ALWAYS, _NOTHING_RUNS)
_SECURE: tuple[Header, ...] = (*_PLAIN, _HTTPS_ONLY)


class Edge:
    """Gives every request its id, every answer its headers, and makes an answer of whatever was not caught within."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        trace = trace_of(scope)
        # A request has a task, and so a context, of its own: nothing has to be put back.
        SERVED.set(trace)
        secure = self._https or scope.get("scheme") == "https"
        sending = Sending(send, scope, trace, _SECURE if secure else _PLAIN)
        began = time.perf_counter()
        metrics.IN_FLIGHT.number += 1
        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001  (This is where every failure ends.)
            await _masked(error, trace, sending)
        finally:
            metrics.IN_FLIGHT.number -= 1
            _note(scope, trace, time.perf_counter() - began)


class Sending:
    """Sends the answer to a request, with its id and what it does not say itself."""

    __slots__ = ("_defaults", "_scope", "_send", "_trace")

    def __init__(self, send: Send, scope: Scope, trace: Trace, defaults: tuple[Header, ...]) -> None:
        self._send = send
        self._scope = scope
        self._trace = trace
        self._defaults = defaults

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._trace.status = message["status"]
            headers = _completed(tuple(message.get("headers", ())), self._defaults)
            message["headers"] = [*headers, (b"x-request-id", self._trace.request_id.encode())]
        await self._send(message)

    def whole(self, reply: Reply) -> bool:
        """Write a whole answer at once, past all that looks at its parts; False if it has to go the long way."""
        wire = wire_of(self._scope)
        if wire is None:
            return False
        said = b"x-request-id: %b\r\ncontent-length: %d\r\n\r\n" % (self._trace.request_id.encode(), len(reply.body))
        written = wire.answer(self._scope, _head(reply.status, reply.headers, self._defaults), said, reply.body)
        if written:
            self._trace.status = reply.status
        return written


@lru_cache(maxsize=256)
def _head(status: int, headers: tuple[Header, ...], defaults: tuple[Header, ...]) -> bytes:
    return head_of(status, _completed(headers, defaults))


def _completed(headers: tuple[Header, ...], defaults: tuple[Header, ...]) -> tuple[Header, ...]:
    """The headers, and those of the defaults that are not among them."""
    said = {name for name, _ in headers}
    return (*headers, *(one for one in defaults if one[0] not in said))


async def _masked(error: Exception, trace: Trace, send: Send) -> None:
    """Answer, unless half an answer is out already: then only the log can tell."""
    refusal = unavailable() if is_outage(error) else internal()
    log.error("request_failed", code=refusal.code, exc_info=error)
    if not trace.status:
        await refusal.reply(trace.request_id).send(send)


def _note(scope: Scope, trace: Trace, seconds: float) -> None:
    path: str = scope["path"]
    metrics.answered(trace.operation or _kind(path), trace.status, seconds)
    level = logging.DEBUG if path.startswith(_QUIET) else logging.INFO
    if _LEVELS.isEnabledFor(level):
        said = {"operation": trace.operation[:64]} if trace.operation else {}
        ms = round(seconds * 1e3, 1)
        log.log(level, "request", method=scope["method"], path=path[:128], **said, status=trace.status, ms=ms)


def _kind(path: str) -> str:
    """The label of a request that is no operation: its first folder, of those there are."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{first}" if first in _FOLDERS else "/"
