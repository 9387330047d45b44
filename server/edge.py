"""The outermost middlewares: a log line, metrics and an answer for every request, and headers for every answer."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import metrics
from server.errors import is_outage
from server.replies import Header, internal, unavailable
from server.tracing import Trace, trace_of

log = structlog.get_logger()

_QUIET = ("/assets/", "/health/", "/metrics")
_FOLDERS = frozenset({"assets", "auth", "graphiql", "graphql", "health", "metrics"})
_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_NOTHING_RUNS: Header = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_HTTPS_ONLY: Header = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Observed:
    """Gives requests their id, and makes an answer of whatever was not caught further in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        trace = trace_of(scope)
        with structlog.contextvars.bound_contextvars(request_id=trace.request_id):
            return await self._observed(scope, receive, _noting(send, trace), trace)

    async def _observed(self, scope: Scope, receive: Receive, send: Send, trace: Trace) -> None:
        began = time.perf_counter()
        with metrics.IN_FLIGHT.track_inprogress():
            try:
                await self._app(scope, receive, send)
            except Exception as error:  # noqa: BLE001  (This is where every failure ends.)
                await _masked(error, trace, send)
            finally:
                _note(scope, trace, time.perf_counter() - began)


def _noting(send: Send, trace: Trace) -> Send:
    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            trace.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", trace.request_id.encode())]
        await send(message)

    return noting


async def _masked(error: Exception, trace: Trace, send: Send) -> None:
    """Answer, unless half an answer is out already: then only the log can tell."""
    refusal = unavailable() if is_outage(error) else internal()
    log.error("request_failed", code=refusal.code, exc_info=error)
    if not trace.status:
        await refusal.reply(trace.request_id).send(send)


def _note(scope: Scope, trace: Trace, seconds: float) -> None:
    path: str = scope["path"]
    label = metrics.operation_label(trace.operation or _kind(path))
    metrics.REQUESTS.labels(label, str(trace.status)).inc()
    metrics.REQUEST_SECONDS.labels(label).observe(seconds)
    write = log.debug if path.startswith(_QUIET) else log.info
    said = {"operation": trace.operation[:64]} if trace.operation else {}
    write("request", method=scope["method"], path=path[:128], **said, status=trace.status, ms=round(seconds * 1e3, 1))


def _kind(path: str) -> str:
    """The label of a request that is no operation: its first folder, of those there are."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return f"/{first}" if first in _FOLDERS else "/"


class SecurityHeaders:
    """Adds to every answer what it did not say itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        secure = self._https or scope.get("scheme") == "https"
        defaults = (*_ALWAYS, _NOTHING_RUNS, *((_HTTPS_ONLY,) if secure else ()))

        async def completing(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in defaults if one[0] not in said)]
            await send(message)

        return await self._app(scope, receive, completing)
