"""uvicorn's HTTP protocol for clients nobody has vouched for: what frames a request is short, and comes in time.

Its parser takes heads, chunk extensions and trailers of any length, at any pace, and keeps what it has read of them.
And it sets a timer after every answer, for connections on which nothing comes any more, which is a noticeable part of a
small answer. Here a connection has one timer, which finds out how long nothing has come.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 65_536
"""Of a head or trailer, beyond what one read of the socket brings."""
MOST_HEADERS = 100
WITHIN = 10.0
"""Seconds for a connection to bring its first head, and for any head or trailer to be complete once it has begun."""


class BoundedProtocol(HttpToolsProtocol):
    """Drops connections on which requests do not get on."""

    _got_on = True
    _unframed = 0
    _waiting: asyncio.TimerHandle | None = None
    _idle_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self._waiting = self.loop.call_later(WITHIN, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_waiting()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and see whether it was of any use."""
        self._got_on = False
        super().data_received(data)
        if self._got_on:
            self._unframed = 0
            self._stop_waiting()
            return
        self._unframed += len(data)
        if self._unframed > MOST_BYTES:
            self.transport.abort()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(WITHIN, self.transport.abort)

    def on_headers_complete(self) -> None:
        """A head is complete; one with too many lines is an invalid request."""
        self._got_on = True
        if len(self.headers) > MOST_HEADERS:
            raise ValueError("too many headers")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Part of a body is there."""
        self._got_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._got_on = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request is answered: the next one that has come meanwhile is begun, or there is nothing to do."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_after(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """See whether nothing has come for as long as a connection is kept."""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_after(left)
        else:
            super().timeout_keep_alive_handler()

    def _look_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
