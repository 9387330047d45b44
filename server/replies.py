"""Plain HTTP answers, and refusals that become one: the same JSON shapes wherever they are made."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from starlette.types import Receive, Scope, Send

from server.tracing import trace_of

JSON = b"application/json; charset=utf-8"
NO_STORE = (b"cache-control", b"no-store")
INTERNAL = "Something went wrong on our side. Give the requestId when you ask about it."
Header = tuple[bytes, bytes]


class Reply(NamedTuple):
    """A whole HTTP response."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()

    async def send(self, send: Send) -> None:
        """Send the response; nothing may follow."""
        whole: Callable[[Reply], bool] | None = getattr(send, "whole", None)
        if whole is not None and self.status != 204 and whole(self):
            return
        length = (b"content-length", b"%d" % len(self.body))
        headers = self.headers if self.status == 204 else (*self.headers, length)
        await send({"type": "http.response.start", "status": self.status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": self.body})


def json_reply(status: int, content: Any, *headers: Header) -> Reply:
    """A reply that nobody may keep."""
    return Reply(status, orjson.dumps(content), ((b"content-type", JSON), NO_STORE, *headers))


@dataclass(eq=False)
class Refusal(Exception):
    """A request that is not served, as it is told. ``retry_after`` is in seconds."""

    status: int
    code: str
    message: str
    headers: tuple[Header, ...] = ()
    retry_after: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def told(self, request_id: str) -> dict[str, Any]:
        """Code, message and whatever else belongs to the refusal."""
        wait = {} if self.retry_after is None else {"retryAfter": math.ceil(self.retry_after)}
        return {"code": self.code, "message": self.message, "requestId": request_id, **wait, **self.more}

    def all_headers(self) -> tuple[Header, ...]:
        """The headers, with Retry-After where it applies."""
        if self.retry_after is None:
            return self.headers
        return (*self.headers, (b"retry-after", b"%d" % math.ceil(self.retry_after)))

    def reply(self, request_id: str) -> Reply:
        """The refusal in the shape of everything that is not GraphQL."""
        return json_reply(self.status, {"error": self.told(request_id)}, *self.all_headers())

    def graphql(self, request_id: str, media_type: bytes) -> Reply:
        """The refusal as a GraphQL response without data."""
        said = self.told(request_id)
        message = said.pop("message")
        body = orjson.dumps({"errors": [{"message": message, "extensions": said}]})
        headers = ((b"content-type", media_type), NO_STORE, (b"vary", b"Accept"), *self.all_headers())
        return Reply(self.status, body, headers)


def internal() -> Refusal:
    """A mistake of ours, of which only the log says more."""
    return Refusal(500, "INTERNAL", INTERNAL)


def unavailable() -> Refusal:
    """The database cannot be reached, or has no connection to spare."""
    message = "The service cannot reach its database just now."
    return Refusal(503, "SERVICE_UNAVAILABLE", message, retry_after=1)


def method_refused(*allowed: str) -> Refusal:
    """The resource knows other methods only."""
    allow = ", ".join(allowed)
    return Refusal(405, "METHOD_NOT_ALLOWED", f"Use {allow}.", ((b"allow", allow.encode()),))


Answering = Callable[[Scope, Receive], Awaitable[Reply]]


class Endpoint:
    """An ASGI application from a function that replies or refuses, for some methods."""

    def __init__(self, answering: Answering, *methods: str) -> None:
        self._answering = answering
        self._methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] not in self._methods:
                raise method_refused(*self._methods)
            reply = await self._answering(scope, receive)
        except Refusal as refusal:
            reply = refusal.reply(trace_of(scope).request_id)
        await reply.send(send)
