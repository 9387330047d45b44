"""Planted bugs at the doors: what is forgotten about streams, views, programs, files and payloads."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

from typing import Any

from graphql import OperationType
from sqlalchemy import true

import auth.grants
import compiler.compile
import domain.partners
import domain.viewing
import schema.fields
import server.admission
import server.files
import server.live
import server.operations
from outbox.hub import Subscription
from server.live import Live
from server.streams import Stream
from server.turns import Turn
from tests.promise.remembered import Blind


def stream_unfenced() -> None:
    """What goes over a socket is compared at the write, what goes over a stream is not."""
    write = Live._write

    def hasty(self: Live, turn: Turn, one: Subscription, payload: bytes) -> bool:
        socket = one.socket
        if not (isinstance(socket, Stream) and socket.alive and socket.ready):
            return write(self, turn, one, payload)
        socket.write_next(one.id, payload)
        return True

    Live._write = hasty  # type: ignore[method-assign]


def view_kept() -> None:
    """Whoever has begun to look through another's eyes goes on, whatever they may by now."""
    auth.grants._EYES_ALLOWED = true()
    compiler.compile._eyes_allowed = lambda: "true"  # type: ignore[assignment]
    view_not_followed()


def view_not_followed() -> None:
    """That a view has ended is found out by whoever asks; its open sockets do not ask."""

    async def leave(_session: Any) -> None:
        """Nothing is looked after."""

    domain.viewing.follow = leave


def field_list_ignored() -> None:
    """A program's list of fields is kept, and asked nowhere."""
    for module in (server.admission, server.live, server.operations):
        module.check_fields = lambda *_: None


def token_end_unannounced() -> None:
    """That a program's token has ended is written down, and no process is told."""
    domain.partners.note = lambda *_: None


def file_unguarded() -> None:
    """Whoever knows the id of a report gets the file."""
    server.files.Loaders = Blind  # type: ignore[misc]


def payload_unguarded() -> None:
    """A guarded field is guarded in queries, and forgotten in what a command answers."""
    get_result = schema.fields.DeclaredField.get_result

    def get(self: Any, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        if info.operation.operation is OperationType.MUTATION:
            return schema.fields._READ[type(self.declaration.source)](self, info.context, source, kwargs)
        return get_result(self, source, info, args, kwargs)

    schema.fields.DeclaredField.get_result = get  # type: ignore[method-assign]
