"""The WebSocket protocol of uvicorn, with the means to write a frame in one breath with the check that allows it."""

from __future__ import annotations

import contextlib
import socket
from asyncio.transports import BaseTransport, WriteTransport
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from server.allowance import Allowance, Closed

HIGH_WATER = 64 * 1024
KERNEL_BUFFER = 64 * 1024
USER_TIMEOUT_MS = 10_000
CLOSE_WITHIN = 2.0
MOST_FRAGMENTS = 64
PINGS_A_SECOND, PINGS_AT_ONCE = 5.0, 100.0
KEY = "portico.wire"


class FencedProtocol(WebSocketsSansIOProtocol):
    """Bounds what may lie between us and a client that does not read, and lets the application write at once."""

    on_writable: Callable[[], None] = staticmethod(lambda: None)

    def connection_made(self, transport: BaseTransport) -> None:
        """Bytes handed to the kernel cannot be called back, so there may be few of them."""
        super().connection_made(transport)
        self._owed = b""
        self._pings = Allowance(PINGS_A_SECOND, PINGS_AT_ONCE)
        bound_buffers(self.transport)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            cast("dict[str, Any]", scope["extensions"])[KEY] = self

    def resume_writing(self) -> None:
        """The client has read enough for more to be written."""
        super().resume_writing()
        if self.ready:
            self.transport.write(self._owed)
        self._owed = b""
        self.on_writable()

    @property
    def ready(self) -> bool:
        """Whether a frame would be taken without waiting."""
        return self.alive and self.writable.is_set()

    @property
    def alive(self) -> bool:
        """Whether frames can still be written at all."""
        return not (self.disconnected or self.close_sent or self.transport.is_closing())

    def write_text(self, frame: bytes) -> None:
        """Write one text frame now. Call it only while ``ready``."""
        self.conn.send_text(frame)
        self.transport.write(b"".join(self.conn.data_to_send()))

    def close_now(self, code: int, reason: str) -> None:
        """Write a close frame, tell the application, and hang up if the client does not answer in time."""
        if self.conn.state is not State.OPEN:
            self.abort()
            return
        self.conn.send_close(code, reason)
        self._say_goodbye(code, reason)

    def handle_parser_exception(self) -> None:
        """What came is no WebSocket frame, or too large a one; the library has said so in a close frame."""
        if self.close_sent:
            return
        closed = self.conn.close_sent
        if closed is None:
            self.abort()
            return
        self._say_goodbye(closed.code, closed.reason)
        # What still comes is not parsed, so its close frame would not be seen: that it hangs up is the answer.
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _say_goodbye(self, code: int, reason: str) -> None:
        """Whatever the client still sends is taken and dropped: closing at once could cost it the close frame."""
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.close_timer = self.loop.call_later(CLOSE_WITHIN, self.transport.abort)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def handle_ping(self) -> None:
        """Answer a ping, unless it is one of a flood or its sender does not read the answers."""
        pong = b"".join(self.conn.data_to_send())
        if self.close_sent:
            return
        try:
            self._pings.spend()
        except Closed as closed:
            self.close_now(closed.code, "Too many pings")
            return
        if self.ready:
            self.transport.write(pong)
        else:
            # Only the last ping needs an answer; it comes when its sender reads again.
            self._owed = pong

    def handle_cont(self, event: Any) -> None:
        """Take a further part of a message; parts may be empty, so their number is bounded like their size."""
        if len(self.frames) >= MOST_FRAGMENTS and not self.close_sent:
            self.frames.clear()
            self.close_now(1009, "Too many fragments")
            return
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message to the application, if it is text at all."""
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_text(self.frames):
            self.frames.clear()
            self.close_now(1007, "Invalid UTF-8")
            return
        super().send_receive_event_to_app()

    def keepalive_timeout(self) -> None:
        """Nobody has answered for long: nobody would read a close frame either."""
        self.pong_timer = None
        self.abort()

    def abort(self) -> None:
        """Drop the connection and whatever was still to be sent over it."""
        self.transport.abort()


def bound_buffers(transport: WriteTransport) -> None:
    """Let little lie between us and a client, in this process and in the kernel, and not for long."""
    transport.set_write_buffer_limits(high=HIGH_WATER)
    raw: socket.socket | None = transport.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)


def _is_text(parts: list[bytes]) -> bool:
    try:
        b"".join(parts).decode()
    except UnicodeDecodeError:
        return False
    return True
