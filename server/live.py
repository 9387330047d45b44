"""Answering open subscriptions: one snapshot and few statements for all that wait, however many they are."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, cast

import structlog

from auth.actor import Actor
from auth.grants import load_actors
from compiler.many import ForMany
from models.database import snapshot
from outbox.gate import Gate, Mark
from outbox.hub import Closable, Due, Hub, Item, Subscription
from outbox.log import LoggedEvent
from resolvers.context import Services
from resolvers.ids import encode
from schema.subscriptions import Change, ChangeKind, Reload
from server.admission import check_fields
from server.concern import concerns, knows, watched
from server.documents import RequestRefused
from server.errors import is_outage
from server.metrics import DELIVERED, EVENTS, WITHHELD
from server.pushed import who
from server.subscribing import LiveDocument
from server.turns import NODE_MODELS, SharedReader, Turn

log = structlog.get_logger()

AT_ONCE = 2_000
PAUSE = 0.2


class Live:
    """Looks at what waits in the hub, tenant by tenant, and writes to the sockets."""

    def __init__(self, services: Services, hub: Hub, gate: Gate, many: ForMany | None) -> None:
        self._services = services
        self._many = many
        self._hub = hub
        self._gate = gate
        self._running: dict[uuid.UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until cancelled. Tenants are looked at side by side, each by one task at a time."""
        while True:
            await self._hub.work.wait()
            self._hub.work.clear()
            for tenant in {*self._hub.busy, *self._hub.unverified}:
                self._start(tenant)

    def _start(self, tenant: uuid.UUID) -> None:
        if tenant in self._running or not self._waiting(tenant) or not self._gate.is_open():
            return
        task = asyncio.create_task(self._look(tenant), name="live")
        self._running[tenant] = task
        task.add_done_callback(lambda _: self._finished(tenant))

    def _finished(self, tenant: uuid.UUID) -> None:
        del self._running[tenant]
        if self._waiting(tenant):
            self._hub.work.set()

    def _waiting(self, tenant: uuid.UUID) -> bool:
        ready = any(one.socket.ready for one in self._hub.busy.get(tenant, ()))
        return ready or bool(self._hub.unverified.get(tenant))

    async def _look(self, tenant: uuid.UUID) -> None:
        unverified = self._hub.unverified.pop(tenant, set())
        busy = [one for one in self._hub.busy.get(tenant, ()) if one.socket.ready][:AT_ONCE]
        try:
            await self._turn(tenant, busy, unverified)
        except Exception as error:  # noqa: BLE001  (Whoever waits goes on waiting, and is looked at again.)
            self._hub.unverified[tenant] |= unverified
            log.warning("live_turn_failed", error=type(error).__name__, outage=is_outage(error))
            if not is_outage(error):
                await self._one_by_one(tenant, busy)
            await asyncio.sleep(PAUSE)

    async def _one_by_one(self, tenant: uuid.UUID, busy: Sequence[Subscription]) -> None:
        """What fails for one must not fail for all: whatever cannot be answered even alone is given up."""
        for one in busy:
            if not one.waits or not one.socket.ready:
                continue
            try:
                await self._turn(tenant, [one], set())
            except Exception as error:  # noqa: BLE001  (It is told and logged where the subscription is given up.)
                if is_outage(error):
                    return
                one.socket.give_up(one, error)

    async def _turn(self, tenant: uuid.UUID, busy: Sequence[Subscription], unverified: set[Closable]) -> None:
        sockets = {one.socket for one in busy} | unverified
        # The marks come first: whatever changes from here on makes what is read below void.
        marks = {one.user_id: self._gate.mark(tenant, one.user_id) for one in sockets}
        heard = self._hub.published
        due = {one: one.take() for one in busy}
        try:
            await self._read(tenant, due, sockets, marks, heard)
        finally:
            for one, left in due.items():
                one.give_back(left)
                self._hub.touch(one)

    async def _read(
        self,
        tenant: uuid.UUID,
        due: dict[Subscription, Due],
        sockets: Iterable[Closable],
        marks: Mapping[uuid.UUID, Mark],
        heard: int,
    ) -> None:
        """Answer what is due from one snapshot; what was answered, or given back, is due no more."""
        async with snapshot(self._services.engine, tenant) as connection:
            actors = await load_actors(connection, tenant, {one.session_id for one in sockets})
            turn = Turn(self._services, tenant, SharedReader(connection), actors, marks, self._many)
            try:
                self._dismiss(sockets, turn, heard)
                present = {one: what for one, what in due.items() if one.socket.session_id in actors}
                await turn.prefetch(present)
                await turn.read([shown async for shown in _shown(turn, present)])
                await self._answer_all(turn, present, due)
            finally:
                await turn.reader.close()
            EVENTS.observe(turn.reader.statements + 1)

    async def _answer_all(self, turn: Turn, present: Mapping[Subscription, Due], due: dict[Subscription, Due]) -> None:
        """Answer everybody, and only then give the snapshot back: a failure of one must not take it from the others."""
        for one in present:
            self._hub.busy[turn.tenant_id].discard(one)
            del due[one]
        answering = (self._answer(turn, one, what) for one, what in present.items())
        answers = await asyncio.gather(*answering, return_exceptions=True)
        failures = [one for one in answers if isinstance(one, BaseException)]
        if failures:
            raise failures[0]

    def _dismiss(self, sockets: Iterable[Closable], turn: Turn, heard: int) -> None:
        """Close the sockets whose session has ended, and note where the others' rights lie."""
        for socket in sockets:
            actor = turn.actors.get(socket.session_id)
            if actor is None:
                socket.close_soon(4401, "Signed out")
                continue
            places = watched(actor)
            for subscription in socket.subscriptions.values():
                if subscription.place is None:
                    self._hub.watch(subscription, places, heard)

    async def _answer(self, turn: Turn, one: Subscription, due: Due) -> None:
        """Send a subscription what is due; what could not be sent goes on waiting."""
        actor = turn.actor_of(one)
        try:
            check_fields(_document(one).prepared, actor)
        except RequestRefused as refusal:
            return one.socket.give_up(one, refusal)
        try:
            if one.place is None:
                await self._send_state(turn, one, actor, due)
            else:
                await self._send_changes(turn, one, actor, due)
        finally:
            if one.socket.subscriptions.get(one.id) is one:
                self._hub.touch(one)

    async def _send_state(self, turn: Turn, one: Subscription, actor: Actor, due: Due) -> None:
        written = False
        try:
            payload = await turn.payload(_document(one), actor, None, who(actor))
            fingerprint = hash(payload)
            written = fingerprint == one.last or self._write(turn, one, payload)
            if written:
                one.last = fingerprint
        finally:
            if not written:
                one.give_back(due)

    async def _send_changes(self, turn: Turn, one: Subscription, actor: Actor, due: Due) -> None:
        sent = 0
        try:
            if one.reload is not None and not await self._send_reload(turn, one, actor):
                return
            for index, item in enumerate(due.items):
                if not await self._send_change(turn, one, actor, item, _offset(due.items, index)):
                    break
                sent += 1
        finally:
            one.give_back(due, sent)

    async def _send_reload(self, turn: Turn, one: Subscription, actor: Actor) -> bool:
        reason = one.reload
        assert reason is not None
        assert one.position is not None
        if reason == "TOO_MANY_EVENTS" and one.overflowed is not None and not knows(actor, one, one.overflowed):
            one.reload = None
            return True
        value = Reload(reason, one.position.token())
        payload = await turn.payload(_document(one), actor, value, (reason, value.offset))
        written = self._write(turn, one, payload)
        if written and one.reload == reason:
            one.reload = None
        return written

    async def _send_change(self, turn: Turn, one: Subscription, actor: Actor, item: Item, offset: str) -> bool:
        """Send one event if it is anything to the viewer; False if it must wait."""
        if not concerns(one, actor, item.event):
            return True
        value = await self._change(turn, actor, item, offset)
        if value is None:
            return True
        payload = await turn.payload(_document(one), actor, value, _sharing(one, actor, item, value))
        return self._write(turn, one, payload)

    async def _change(self, turn: Turn, actor: Actor, item: Item, offset: str) -> Change | None:
        """The event as this viewer sees it; None if it is nothing to them."""
        event = item.event
        record = await turn.row(actor, event)
        if record is None and not await turn.saw(actor, event):
            return None
        kind = ChangeKind.UPDATED if record is not None else ChangeKind.GONE
        if record is not None and event.type.endswith("Created"):
            kind = ChangeKind.CREATED
        return Change(
            event=event.type,
            kind=kind,
            node_id=_node_id(event),
            node_type=event.node_type,
            version=event.version,
            offset=offset,
            epoch=actor.epoch,
            record=record,
        )

    def _write(self, turn: Turn, one: Subscription, payload: bytes) -> bool:
        """Write the frame if nothing has changed since it was read: no await between the check and the write."""
        socket = one.socket
        if not socket.alive or socket.subscriptions.get(one.id) is not one:
            return True
        mark = turn.marks[socket.user_id]
        if not socket.ready or not self._gate.may_send(turn.tenant_id, socket.user_id, mark):
            WITHHELD.inc()
            return False
        socket.write_next(one.id, payload)
        DELIVERED.inc()
        return True


def _document(one: Subscription) -> LiveDocument:
    """The document of a subscription, which the hub keeps without knowing what it is."""
    return cast("LiveDocument", one.document)


async def _shown(
    turn: Turn, present: Mapping[Subscription, Due]
) -> AsyncIterator[tuple[LiveDocument, Actor, str | None]]:
    """The nodes (or the access, where there is none) of which something is to be read for a viewer.

    Of a node's own columns everything has been read when it was asked whether the viewer sees it.
    """
    for one, due in present.items():
        live, actor = _document(one), turn.actor_of(one)
        if one.place is None:
            yield live, actor, None
        elif not live.traits.flat:
            for item in due.items:
                if concerns(one, actor, item.event) and await turn.row(actor, item.event) is not None:
                    yield live, actor, _node_id(item.event)


def _node_id(event: LoggedEvent) -> str:
    return encode(NODE_MODELS[event.node_type], event.node_id)


def _sharing(one: Subscription, actor: Actor, item: Item, value: Change) -> Any:
    """Equal for viewers who get the same answer to this event."""
    traits = _document(one).traits
    rights = who(actor)
    if traits.flat:
        place = value.record.place if value.record is not None else None
        rights = actor.permissions_at(place) if place else None
    return item.event.seq, value.offset, rights, actor.epoch if traits.epoch else None


def _offset(items: Sequence[Item], index: int) -> str:
    """Where to go on behind an item: only the last one of a batch has everything before the batch's end sent."""
    item = items[index]
    last = index + 1 == len(items) or items[index + 1].after != item.after
    return (item.after if last else item.before).token()
