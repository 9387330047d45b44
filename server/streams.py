"""Server-sent events: one operation over one response, for clients that cannot hold a WebSocket (graphql-sse).

A stream is a socket with a single operation: the hub, the gate and the limits are the same. Its frames are written
straight to the transport, in one breath with the check that allows them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from graphql import GraphQLError
from starlette.types import Receive, Scope, Send

from auth.grants import Credential
from server.allowance import Closed
from server.contract import EVENTS, GraphQLRequest
from server.deck import Deck
from server.http_protocol import BoundedProtocol
from server.messages import Message
from server.replies import NO_STORE, Refusal
from server.sockets import Socket, errors_of
from server.ws_protocol import KEY, bound_buffers

BEAT = 15.0
ONLY = "1"
SMALL = 16_384
"""Bytes of a body that is written with its head as one piece: of a longer one a copy costs more than it saves."""
_HEADERS = (
    (b"content-type", EVENTS + b"; charset=utf-8"),
    NO_STORE,
    (b"connection", b"close"),
    (b"x-accel-buffering", b"no"),
)


class StreamingProtocol(BoundedProtocol):
    """uvicorn's HTTP protocol, which also says when a client reads again and lets the application write at once."""

    on_writable: Callable[[], None] = staticmethod(lambda: None)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["extensions"] = {KEY: self}

    def answer(self, scope: Scope, *parts: bytes) -> bool:
        """Write a whole answer.

        One that is not the next, or is the last of this connection, or is for a client that does not read, goes the
        long way.
        """
        cycle = self.cycle
        if cycle.scope is not scope or cycle.response_started or cycle.disconnected or not cycle.keep_alive:
            return False
        if self.flow.write_paused or scope["method"] == "HEAD":
            return False
        cycle.waiting_for_100_continue = False
        cycle.response_started = cycle.response_complete = True
        status, *rest = parts
        pieces = [status, *(b"%b: %b\r\n" % one for one in self.server_state.default_headers), *rest]
        if len(rest[-1]) <= SMALL:
            self.transport.write(b"".join(pieces))
        else:
            self.transport.writelines(pieces)
        cycle.message_event.set()
        self.on_response_complete()
        return True

    def resume_writing(self) -> None:
        """The client has read enough for more to be written."""
        super().resume_writing()
        self.on_writable()


class EventWire:
    """Writes chunks of one response, as ``FencedProtocol`` writes frames."""

    def __init__(self, protocol: StreamingProtocol) -> None:
        self._protocol = protocol
        self.ended = asyncio.Event()

    @property
    def on_writable(self) -> Callable[[], None]:
        """Called when the client reads again."""
        return self._protocol.on_writable

    @on_writable.setter
    def on_writable(self, call: Callable[[], None]) -> None:
        self._protocol.on_writable = call  # type: ignore[method-assign]

    @property
    def alive(self) -> bool:
        """Whether anything can still be written."""
        return not (self.ended.is_set() or self._protocol.transport.is_closing())

    @property
    def ready(self) -> bool:
        """Whether a chunk would be taken without waiting."""
        return self.alive and not self._protocol.flow.write_paused

    def write_text(self, frame: bytes) -> None:
        """Write one chunk now. Call it only while ``ready``."""
        self._protocol.transport.write(b"%x\r\n%b\r\n" % (len(frame), frame))

    async def wait_writable(self) -> None:
        """Return when the client has read what was written."""
        await self._protocol.flow.drain()

    def close_now(self, _code: int, _reason: str) -> None:
        """Write nothing any more; the response is ended by whoever began it."""
        self.ended.set()

    def abort(self) -> None:
        """Drop the connection and whatever was still to be sent over it."""
        self.ended.set()
        self._protocol.transport.abort()


class Stream(Socket):
    """One open stream of one signed-in session."""

    __slots__ = ("_stream",)

    def __init__(self, deck: Deck, wire: EventWire, receive: Receive, credential: Credential) -> None:
        super().__init__(deck, cast("Any", wire), receive, credential)
        self._stream = wire

    async def sign_in(self) -> None:
        """Find out whose stream it is; Refusal if it may not be opened."""
        try:
            self.admit(await self._actor())
        except Closed as closed:
            if closed.code == 4401:
                raise unauthenticated() from None
            raise Refusal(429, "TOO_MANY_STREAMS", closed.reason, retry_after=5) from None

    async def stream(self, request: GraphQLRequest, send: Send) -> None:
        """Answer the operation until it is complete, its rights end, or the client leaves."""
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        self._deck.open.add(self)
        try:
            self._join()
            self._subscribe(ONLY, request)
            await self._until_ended()
        finally:
            self._leave()
        await send({"type": "http.response.body", "body": b""})

    async def _until_ended(self) -> None:
        ended = asyncio.create_task(self._stream.ended.wait())
        left = asyncio.create_task(self._gone())
        try:
            while not (ended.done() or left.done()):
                await asyncio.wait((ended, left), timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
                if self.ready:
                    # A comment: those in between see that the stream lives, and we that the client does.
                    self.wire.write_text(b":\n\n")
        finally:
            ended.cancel()
            left.cancel()

    async def _gone(self) -> None:
        """Return when the client has left: the request is read to its end, so nothing else can come."""
        await self._receive()

    def write_next(self, id: str, payload: bytes) -> None:
        """Write a result now."""
        del id
        self.wire.write_text(b"event: next\ndata: %b\n\n" % payload)

    def write(self, message: Message) -> None:
        """Of the messages of a socket a stream knows the end of its operation only."""
        if message.get("type") == "complete" and self.ready:
            self.wire.write_text(b"event: complete\ndata:\n\n")
            self._stream.ended.set()

    def refuse(self, id: str, *errors: GraphQLError) -> None:
        """Tell the client that there is no such operation (any more), and why."""
        self._finish(id, errors_of(*errors))

    async def wait_writable(self) -> None:
        """Return when the client has read what was written."""
        await self._stream.wait_writable()


def unauthenticated() -> Refusal:
    """Nobody is signed in, or not any more."""
    return Refusal(401, "UNAUTHENTICATED", "Sign in to go on.", ((b"www-authenticate", b"Bearer"),))


@dataclass(frozen=True)
class Streams:
    """Opens streams among the sockets of a process."""

    deck: Deck

    async def open(self, scope: Scope, receive: Receive, credential: Credential | None) -> Stream:
        """A stream for whoever asks; Refusal if there can be none."""
        deck, protocol = self.deck, scope.get("extensions", {}).get(KEY)
        if not isinstance(protocol, StreamingProtocol):
            raise Refusal(406, "NOT_ACCEPTABLE", "Responses cannot be streamed here.")
        if deck.draining or len(deck.open) >= deck.limits.sockets:
            raise Refusal(503, "SERVICE_UNAVAILABLE", "Try again.", retry_after=1)
        if credential is None:
            raise unauthenticated()
        bound_buffers(protocol.transport)
        stream = Stream(deck, EventWire(protocol), receive, credential)
        await stream.sign_in()
        return stream
