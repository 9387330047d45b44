"""Who is interested in what: open subscriptions, found by the places events happen at.

The hub decides nothing about rights. It only says whose subscription has to be looked at again; what they get is
decided under the rights of that moment.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from outbox.fence import FenceMessage
from outbox.log import Batch, LoggedEvent, Position

MOST_PENDING = 1_000


class Closable(Protocol):
    """An open socket, as far as the hub and whoever answers what waits in it are concerned."""

    tenant_id: uuid.UUID
    user_id: uuid.UUID
    session_id: uuid.UUID
    subscriptions: dict[str, Subscription]

    @property
    def ready(self) -> bool:
        """Whether something could be written to it at once."""
        ...

    @property
    def alive(self) -> bool:
        """Whether anything can still be written to it."""
        ...

    def write_next(self, id: str, payload: bytes) -> None:
        """Write a result of the subscription ``id`` now; only while ``ready``."""
        ...

    def close_soon(self, code: int, reason: str) -> None:
        """Close the socket without waiting for it."""
        ...

    def give_up(self, subscription: Subscription, error: Exception) -> None:
        """End a subscription that cannot be answered, and say so."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """An event a subscription waits for, with the positions before and after its batch."""

    event: LoggedEvent
    before: Position
    after: Position


@dataclass(frozen=True, slots=True)
class Due:
    """What waited in a subscription when a look at it began."""

    refresh: bool
    reload: str | None
    items: Sequence[Item]


@dataclass(eq=False, slots=True)
class Subscription:
    """One open subscription. ``place`` is what it watches (``changes``); ``types`` the node types it cares for.

    What is pending are keys, never payloads: those are read when they are sent.
    """

    id: str
    socket: Closable
    document: object
    types: frozenset[str]
    place: uuid.UUID | None = None
    places: frozenset[uuid.UUID] = frozenset()
    pending: list[Item] = field(default_factory=list)
    refresh: bool = False
    reload: str | None = None
    overflowed: LoggedEvent | None = None
    resume: Position | None = None
    caught_up: Position | None = None
    position: Position | None = None
    last: int | None = None

    @property
    def waits(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.refresh or self.reload or self.pending) and self.resume is None

    def take(self) -> Due:
        """Take what waits, to be answered from a snapshot that is opened *after* this: it holds all of it.

        What comes later may not be in that snapshot, so it waits for the next one.
        """
        due = Due(self.refresh, self.reload, self.pending)
        self.refresh, self.pending = False, []
        return due

    def give_back(self, due: Due, sent: int = 0) -> None:
        """Let what could not be answered go on waiting, in front of what has come since."""
        self.refresh |= due.refresh
        # A reload that came meanwhile stands for everything before it.
        if self.reload in (None, due.reload):
            self.pending[:0] = due.items[sent:]
            self._bound()

    def add(self, item: Item) -> None:
        """Have the event looked at; if too many wait already, the client is told to reload instead."""
        self.pending.append(item)
        self._bound()

    def _bound(self) -> None:
        if len(self.pending) > MOST_PENDING:
            last = self.pending[-1]
            self.pending.clear()
            self.reload, self.overflowed = "TOO_MANY_EVENTS", last.event
            # All up to here is committed, so the client will find it when it fetches anew.
            self.position = last.after


class Hub:
    """The subscriptions of one process."""

    def __init__(self) -> None:
        self.sockets: dict[uuid.UUID, set[Closable]] = defaultdict(set)
        self._at: dict[uuid.UUID, set[Subscription]] = defaultdict(set)
        self.unverified: dict[uuid.UUID, set[Closable]] = defaultdict(set)
        self.work = asyncio.Event()
        self.published = 0
        self.busy: dict[uuid.UUID, set[Subscription]] = defaultdict(set)

    def join(self, socket: Closable) -> None:
        """A socket has signed in. Its session is looked at once more: it may have ended while it was being read."""
        self.sockets[socket.user_id].add(socket)
        self.verify([socket])

    def leave(self, socket: Closable) -> None:
        """A socket is gone, with all its subscriptions."""
        for subscription in list(socket.subscriptions.values()):
            self.remove(subscription)
        self.sockets[socket.user_id].discard(socket)
        if not self.sockets[socket.user_id]:
            del self.sockets[socket.user_id]
        self.unverified[socket.tenant_id].discard(socket)

    def add(self, subscription: Subscription) -> None:
        """Open a subscription."""
        subscription.socket.subscriptions[subscription.id] = subscription
        if subscription.place is not None:
            self._at[subscription.place].add(subscription)
        self.touch(subscription)

    def remove(self, subscription: Subscription) -> None:
        """Close a subscription."""
        subscription.socket.subscriptions.pop(subscription.id, None)
        watched = {*subscription.places, subscription.place}
        self._unwatch(subscription, [place for place in watched if place is not None])
        self.busy[subscription.socket.tenant_id].discard(subscription)

    def watch(self, subscription: Subscription, places: frozenset[uuid.UUID], heard: int) -> None:
        """The viewer's rights lie at these places now: events there may change what the viewer sees.

        ``heard`` is what was ``published`` when the look began that found this: if there was more since then, it may
        have been at a place that was not watched yet.
        """
        if places == subscription.places:
            return
        self._unwatch(subscription, subscription.places - places)
        for place in places - subscription.places:
            self._at[place].add(subscription)
        subscription.places = places
        if self.published != heard:
            subscription.refresh = True
            self.touch(subscription)

    def _unwatch(self, subscription: Subscription, places: Iterable[uuid.UUID]) -> None:
        for place in places:
            self._at[place].discard(subscription)
            if not self._at[place]:
                del self._at[place]

    def touch(self, subscription: Subscription) -> None:
        """Have the subscription looked at, if it is still open and something waits in it."""
        open_now = subscription.socket.subscriptions.get(subscription.id) is subscription
        if open_now and subscription.waits:
            self.busy[subscription.socket.tenant_id].add(subscription)
            self.work.set()

    def verify(self, sockets: Iterable[Closable]) -> None:
        """Have the sessions of these sockets looked at."""
        for socket in sockets:
            self.unverified[socket.tenant_id].add(socket)
            self.work.set()

    def publish(self, batch: Batch) -> None:
        """Hand events to the subscriptions they may concern."""
        self.published += 1
        for event in batch.events:
            item = Item(event, batch.before, batch.after)
            reached = {one for place in event.places() for one in self._at.get(place, ())}
            for subscription in reached:
                self._hand(subscription, item)
            # What changes a user's own row, their name for instance, shows in their access wherever it happened.
            for socket in self.sockets.get(event.node_id, ()):
                self._refresh(socket)

    def _hand(self, subscription: Subscription, item: Item) -> None:
        event = item.event
        if event.tenant_id != subscription.socket.tenant_id:
            return
        if subscription.types and event.node_type not in subscription.types:
            return
        if subscription.caught_up is not None and subscription.caught_up.covers(event):
            return
        if subscription.place is None:
            subscription.refresh = True
        else:
            subscription.add(item)
        self.touch(subscription)

    def catch_up(self, subscription: Subscription, events: Sequence[LoggedEvent], until: Position) -> None:
        """Put the events a client missed, all those up to ``until``, before those that have come since."""
        assert subscription.resume is not None
        since, subscription.resume = subscription.resume, None
        subscription.caught_up = until
        if subscription.reload is not None:
            # So much has come meanwhile that the client fetches anew: what it missed is in that.
            self.touch(subscription)
            return
        live = [item for item in subscription.pending if not until.covers(item.event)]
        subscription.pending = [
            Item(event, since, until)
            for event in events
            if subscription.place in event.places()
            and (not subscription.types or event.node_type in subscription.types)
        ] + live
        self.touch(subscription)

    def reload(self, subscription: Subscription, reason: str) -> None:
        """Tell the client to fetch anew instead of going on."""
        subscription.resume = None
        subscription.pending.clear()
        subscription.reload = reason
        self.touch(subscription)

    def fenced(self, message: FenceMessage) -> None:
        """Rights have changed: everybody concerned is looked at again."""
        if message.consequence == "void":
            return
        for socket in list(self._concerned(message)):
            if message.consequence == "close" and message.users is not None:
                socket.close_soon(4401, "Signed out")
                continue
            self.verify([socket])
            self._refresh(socket)

    def resynchronize(self) -> None:
        """Anything may have changed while nothing was heard: everybody is looked at again."""
        for sockets in self.sockets.values():
            for socket in sockets:
                self.verify([socket])
                self._refresh(socket)

    def _concerned(self, message: FenceMessage) -> Iterable[Closable]:
        users = message.users if message.users is not None else list(self.sockets)
        for user in users:
            for socket in self.sockets.get(user, ()):
                if socket.tenant_id == message.tenant:
                    yield socket

    def _refresh(self, socket: Closable) -> None:
        for subscription in socket.subscriptions.values():
            if subscription.place is None:
                subscription.refresh = True
            self.touch(subscription)
