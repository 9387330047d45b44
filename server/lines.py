"""The writing side of a socket: frames that go out at once or not at all, and clients that do not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from server.ws_protocol import FencedProtocol


class Line:
    """What can be written to one open socket."""

    __slots__ = ("__weakref__", "_stalled", "wire")

    def __init__(self, wire: FencedProtocol) -> None:
        self.wire = wire
        self._stalled: float | None = None

    @property
    def alive(self) -> bool:
        """Whether frames can still be written."""
        return self.wire.alive

    @property
    def ready(self) -> bool:
        """Whether a frame would go out without waiting."""
        return self.wire.ready

    def write_next(self, id: str, payload: bytes) -> None:
        """Write a result of the operation ``id`` now."""
        self.wire.write_text(b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(id), payload))

    def write(self, message: Mapping[str, Any]) -> None:
        """Write a message of the protocol, which carries no data, now if that is possible."""
        if self.wire.ready:
            self.wire.write_text(orjson.dumps(message))

    def close_soon(self, code: int, reason: str) -> None:
        """Write no data any more; close the socket, or drop it if its client does not read."""
        if not self.alive:
            return
        if self.ready:
            self.wire.close_now(code, reason)
        else:
            self.wire.abort()

    def say(self, message: Mapping[str, Any]) -> None:
        """Write a message that the client waits for; one that does not read is dropped."""
        if self.ready:
            self.write(message)
        else:
            self.wire.abort()

    def check_progress(self, now: float, within: float) -> None:
        """Drop the connection if its client has not read for ``within`` seconds."""
        if self.ready or not self.alive:
            self._stalled = None
        elif self._stalled is None:
            self._stalled = now
        elif now - self._stalled > within:
            self.wire.abort()
