"""Where sockets are opened: who may connect from where, and how many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from starlette.types import Receive, Scope, Send

from server.credentials import credential_of
from server.deck import Deck
from server.errors import is_outage
from server.sockets import Socket
from server.ws_protocol import KEY

log = structlog.get_logger()

PROTOCOL = "graphql-transport-ws"


def endpoint(deck: Deck) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI endpoint of all sockets."""

    async def connect(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if not deck.origins.allowed_origin(scope) or PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.close", "code": 4403})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        socket = Socket(deck, scope["extensions"][KEY], receive, credential_of(scope["headers"]))
        if deck.draining or len(deck.open) >= deck.limits.sockets:
            socket.close_soon(1012 if deck.draining else 1013, "Try again")
            return
        try:
            await socket.serve()
        except Exception as error:
            if is_outage(error):
                log.warning("socket_failed", error=type(error).__name__)
            else:
                log.exception("socket_failed")
            socket.close_soon(1013, "Try again")

    return connect
