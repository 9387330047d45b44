"""uvicorn's HTTP protocol for clients nobody has vouched for: what frames a request is short, and comes in time.

Its parser takes heads, chunk extensions and trailers of any length, at any pace, and keeps what it has read of them.
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

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self._waiting = self.loop.call_later(WITHIN, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop_waiting()
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

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
