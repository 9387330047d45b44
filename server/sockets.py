"""graphql-transport-ws, the one protocol of our sockets.

The loop of a socket only reads. Events are written by ``Live`` when they are allowed to be; answers to queries and
mutations over the socket pass the same gate.
"""

from __future__ import annotations

import asyncio
import time

import orjson
from graphql import GraphQLError
from starlette.types import Receive

from auth.actor import Actor
from auth.grants import Credential, load_actor
from models.database import snapshot
from outbox.hub import Subscription
from server.admission import settle
from server.allowance import Allowance, Closed
from server.contract import GraphQLRequest
from server.deck import Deck
from server.documents import Prepared, RequestRefused, refused
from server.errors import told
from server.lines import Line
from server.messages import (
    UNAVAILABLE,
    WITHHELD,
    Message,
    message_of,
    operation_id,
    presented,
    request_of,
)
from server.metrics import SOCKETS, SUBSCRIPTIONS
from server.subscribing import LiveDocument, catch_up, live_document, subscription_of
from server.views import new_request_id
from server.ws_protocol import FencedProtocol


class Socket(Line):
    """One open socket of one signed-in session."""

    __slots__ = (
        "_allowance", "_catching_up", "_deck", "_joined", "_owes_pong", "_receive", "_running",
        "credential", "expires_at", "is_partner", "session_id", "subscriptions", "tenant_id", "user_id",
    )  # fmt: skip

    def __init__(self, deck: Deck, wire: FencedProtocol, receive: Receive, credential: Credential | None) -> None:
        super().__init__(wire)
        self._deck = deck
        self._receive = receive
        self.credential = credential
        self.subscriptions: dict[str, Subscription] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._catching_up: dict[str, asyncio.Task[None]] = {}
        self._allowance = Allowance(deck.limits.messages_a_second, deck.limits.messages_at_once)
        self._joined = self._owes_pong = self.is_partner = False
        self.expires_at = float("inf")

    def _writable(self) -> None:
        """The client reads again: whatever waits for this socket can go on."""
        if self._owes_pong:
            self._owes_pong = False
            self._pong()
        for subscription in self.subscriptions.values():
            self._deck.hub.touch(subscription)

    async def serve(self) -> None:
        """Run the protocol until the socket closes."""
        self._deck.open.add(self)
        try:
            await self._sign_in()
            self._join()
            while True:
                self._handle(await self._next())
        except Closed as closed:
            self.close_soon(closed.code, closed.reason)
        except _Gone:
            pass
        finally:
            self._leave()

    def _join(self) -> None:
        self._deck.hub.join(self)
        self._joined = True
        SOCKETS.inc()
        self.say({"type": "connection_ack"})

    def _leave(self) -> None:
        self._deck.open.discard(self)
        for task in (*self._running.values(), *self._catching_up.values()):
            task.cancel()
        if self._joined:
            SUBSCRIPTIONS.dec(len(self.subscriptions))
            self._deck.hub.leave(self)
            SOCKETS.dec()

    async def _sign_in(self) -> None:
        message = await self._first()
        if message["type"] != "connection_init":
            raise Closed(4401, "Unauthorized")
        self.credential = presented(message) or self.credential
        self.admit(await self._actor())

    def admit(self, actor: Actor | None) -> None:
        """Remember whose socket it is; Closed if it is nobody's, or one too many."""
        if actor is None or actor.session_id is None:
            raise Closed(4401, "Unauthorized")
        self.tenant_id, self.user_id = actor.tenant_id, actor.user_id
        self.session_id = actor.session_id
        self.is_partner = actor.terms is not None
        self.expires_at = time.monotonic() + actor.expires_in
        self.wire.on_writable = self._writable
        if len(self._deck.hub.sockets.get(self.user_id, ())) >= self._deck.limits.sockets_of_user:
            raise Closed(4429, "Too many sockets")

    async def _first(self) -> Message:
        """The message that opens the protocol; pings may come before it, but take none of its time."""
        try:
            async with asyncio.timeout(self._deck.limits.init_within):
                while (message := await self._next())["type"] == "ping":
                    self.write({"type": "pong"})
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        return message

    async def _actor(self) -> Actor | None:
        if self.credential is None:
            return None
        async with snapshot(self._deck.operations.services.engine, self.credential.tenant_id) as connection:
            return await load_actor(connection, self.credential)

    async def _next(self) -> Message:
        """The next message; anything that is none closes the socket."""
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            raise _Gone
        self._allowance.spend()
        return message_of(received.get("text"))

    def _handle(self, message: Message) -> None:
        kind = message["type"]
        if kind == "ping":
            self._pong()
        elif kind == "subscribe":
            self._subscribe(operation_id(message), request_of(message))
        elif kind == "complete":
            self._complete(operation_id(message))
        elif kind == "connection_init":
            raise Closed(4429, "Too many initialisation requests")
        elif kind != "pong":
            raise Closed(4400, "Unknown message type")

    def _pong(self) -> None:
        if self.ready:
            self.write({"type": "pong"})
        else:
            self._owes_pong = True

    def _complete(self, id: str) -> None:
        subscription = self.subscriptions.get(id)
        if subscription is not None:
            self.end(subscription)
        for tasks in (self._running, self._catching_up):
            task = tasks.pop(id, None)
            if task is not None:
                task.cancel()

    def end(self, subscription: Subscription) -> None:
        """Push nothing more for the subscription."""
        self._deck.hub.remove(subscription)
        SUBSCRIPTIONS.dec()

    def give_up(self, subscription: Subscription, error: Exception) -> None:
        """End a subscription that cannot be answered, and say so."""
        if self.subscriptions.get(subscription.id) is subscription:
            self.end(subscription)
            told_as = error.errors if isinstance(error, RequestRefused) else (GraphQLError("", original_error=error),)
            self.refuse(subscription.id, *told_as)

    def _subscribe(self, id: str, request: GraphQLRequest) -> None:
        if id in self.subscriptions or id in self._running:
            raise Closed(4409, f"Subscriber for {id} already exists")
        try:
            self._begin(id, request)
        except RequestRefused as refusal:
            self.refuse(id, *refusal.errors)

    def _begin(self, id: str, request: GraphQLRequest) -> None:
        prepared = self._deck.operations.prepare(request, self.credential)
        limits = self._deck.limits
        if prepared.operation.is_subscription:
            if len(self.subscriptions) >= limits.subscriptions:
                raise refused("TOO_MANY_SUBSCRIPTIONS", f"A socket has {limits.subscriptions} subscriptions.")
            self._begin_subscription(id, prepared, request)
            return
        if len(self._running) >= limits.running:
            raise refused("TOO_MANY_OPERATIONS", f"A socket runs {limits.running} operations at once.")
        task = asyncio.create_task(self._run(id, request, repeatable=not prepared.operation.is_mutation))
        self._running[id] = task

    def _begin_subscription(self, id: str, prepared: Prepared, request: GraphQLRequest) -> None:
        live = live_document(prepared, request.variables or {})
        if not self.is_partner:
            self._open(subscription_of(id, self, live, self._deck.position))
            return
        if len(self._running) >= self._deck.limits.running:
            raise refused("TOO_MANY_OPERATIONS", f"A socket runs {self._deck.limits.running} operations at once.")
        self._running[id] = asyncio.create_task(self._settle(id, live))

    async def _settle(self, id: str, live: LiveDocument) -> None:
        """Open the subscription of a partner's application once it has been settled that it may, and has paid."""
        operations = self._deck.operations
        refusals = await settle(operations.services, operations.budgets, live.prepared, self.credential)
        self._running.pop(id, None)
        if refusals:
            self.refuse(id, *refusals)
            return
        try:
            self._open(subscription_of(id, self, live, self._deck.position))
        except RequestRefused as refusal:
            self.refuse(id, *refusal.errors)

    def refuse(self, id: str, *errors: GraphQLError) -> None:
        """Tell the client that there is no such operation (any more), and why."""
        request_id = new_request_id()
        self.say({"id": id, "type": "error", "payload": [told(error, request_id) for error in errors]})

    async def wait_writable(self) -> None:
        """Return when the client has read what was written."""
        await self.wire.writable.wait()

    def _open(self, one: Subscription) -> None:
        """Open a subscription: from now on its events are kept, and what came before is caught up with."""
        self._deck.hub.add(one)
        SUBSCRIPTIONS.inc()
        if one.resume is not None:
            self._catching_up[one.id] = asyncio.create_task(self._catch_up(one))

    async def _catch_up(self, one: Subscription) -> None:
        # Few at a time: after a restart everybody comes back at once, and the connections are everybody's.
        async with self._deck.catching_up:
            await catch_up(one, self._deck.hub, self._deck.operations.services.engine)
        self._catching_up.pop(one.id, None)

    async def _run(self, id: str, request: GraphQLRequest, *, repeatable: bool) -> None:
        """Answer a query or a mutation; whatever goes wrong is an answer too."""
        try:
            async with asyncio.timeout(self._deck.limits.answer_within):
                await self._answer(id, request, repeatable=repeatable)
        except Closed as closed:
            self.close_soon(closed.code, closed.reason)
        except TimeoutError:
            error = GraphQLError("The operation took too long.", extensions={"code": "TIMEOUT"})
            self._finish(id, errors_of(error))
        except Exception as error:  # noqa: BLE001  (What escapes the executor is a mistake of ours; it is logged.)
            self._finish(id, errors_of(GraphQLError("", original_error=error)))

    async def _answer(self, id: str, request: GraphQLRequest, *, repeatable: bool) -> None:
        """Write the answer, unless the rights it rests on have changed: then a query is answered again."""
        gate = self._deck.gate
        while True:
            mark = gate.mark(self.tenant_id, self.user_id)
            answer = await self._deck.operations.execute(request, self.credential, new_request_id())
            if answer.unauthenticated:
                raise Closed(4401, "Unauthorized")
            if answer.has_data:
                await gate.opened(self._deck.limits.lease_within)
            await self.wait_writable()
            # From here to the write nothing is awaited.
            if not answer.has_data or gate.may_send(self.tenant_id, self.user_id, mark):
                return self._finish(id, answer.body)
            if not repeatable:
                return self._finish(id, WITHHELD)
            if not gate.is_open():
                return self._finish(id, UNAVAILABLE)

    def _finish(self, id: str, body: bytes) -> None:
        self._running.pop(id, None)
        if self.ready:
            self.write_next(id, body)
            self.write({"id": id, "type": "complete"})
        else:
            self.wire.abort()


def errors_of(*errors: GraphQLError) -> bytes:
    """An answer that has nothing but errors."""
    request_id = new_request_id()
    return orjson.dumps({"errors": [told(error, request_id) for error in errors]})


class _Gone(Exception):
    """The client has left."""
