"""Bugs to be caught: the checker proves something only if it finds them.

Each is a patch of the production parts, applied in a server process of a test before its application is made. None of
them can be reached from production code.
"""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import domain.events
import resolvers.pages
import schema.fields
import server.door
import server.live
import server.turns
import server.views
from auth.actor import Actor
from models import Report
from models.database import snapshot
from outbox.fence import FENCE, Fence
from outbox.gate import Gate
from outbox.hub import Hub
from outbox.node import Node
from outbox.wire import Wire
from resolvers.loaders import Loaders
from resolvers.reader import Reader
from resolvers.relations import Test
from server import serve
from tests.promise import planted_compiled as compiled
from tests.promise import planted_doors as doors
from tests.promise.node import PLANTED
from tests.promise.remembered import RIGHTS, Blind, Remembering

_load_actor, _load_actors = server.views.load_actor, server.live.load_actors
TTL = 1.0


def application() -> Any:
    """The application of a process with the bugs its environment names."""
    for name in os.environ[PLANTED].split(","):
        (WEATHER.get(name) or BUGS[name].plant)()
    return serve.application()


# The weather: what makes a race likely that is rare on a quiet machine. The sound build has to stand it too.


def _slowed(pauses: int, longest: float) -> None:
    payload = server.turns.Turn.payload

    async def slowly(self: Any, *given: Any) -> bytes:
        made = await payload(self, *given)
        for _ in range(pauses):
            await asyncio.sleep(random.random() * longest)
        return made

    server.turns.Turn.payload = slowly  # type: ignore[method-assign]


def slow_turns() -> None:
    """Some time passes between the reading of an event and its writing."""
    _slowed(4, 0.004)


def slower_turns() -> None:
    """A long time passes between the reading of an event and its writing."""
    _slowed(12, 0.01)


def slow_ears() -> None:
    """Changes are heard late, though not every one of many."""
    on = Wire.on

    def late(self: Wire, channel: str, handler: Callable[[str], Any]) -> None:
        heard = 0.0

        async def handle(payload: str) -> None:
            nonlocal heard
            if time.monotonic() > heard + 0.15:
                for _ in range(8):
                    await asyncio.sleep(0.005)
                heard = time.monotonic()
            await handler(payload)

        on(self, channel, handle if channel == FENCE else handler)

    Wire.on = late  # type: ignore[method-assign]


WEATHER: Mapping[str, Callable[[], None]] = {one.__name__: one for one in (slow_turns, slower_turns, slow_ears)}


# The bugs.


def checked_at_subscribe() -> None:
    """What a socket is sent depends on the rights its user had when it was opened."""
    first: dict[Any, Actor] = {}

    async def load(connection: Any, tenant: Any, sessions: Any) -> Mapping[Any, Actor]:
        found = await _load_actors(connection, tenant, sessions)
        kept = {id: first.setdefault(id, actor) for id, actor in found.items()}
        RIGHTS.update({actor.user_id: actor for actor in kept.values()})
        return kept

    server.live.load_actors = load
    server.turns.Loaders = Remembering


def _cached(fill: float, fresh: Callable[[float], bool]) -> dict[Any, tuple[Actor, float]]:
    """Actors are read once and kept while they are ``fresh``, for requests and for events alike."""
    kept: dict[Any, tuple[Actor, float]] = {}

    async def load(connection: Any, credential: Any) -> Actor | None:
        actor, since = kept.get(credential, (None, 0.0))
        if actor is None or not fresh(since):
            actor = await _load_actor(connection, credential)
            await asyncio.sleep(fill)
            if actor is None:
                return None
            kept[credential] = actor, time.monotonic()
        RIGHTS[actor.user_id] = actor
        return actor

    async def load_many(connection: Any, tenant: Any, sessions: Any) -> Mapping[Any, Actor]:
        found = {id: kept[id][0] for id in sessions if id in kept and fresh(kept[id][1])}
        read = await _load_actors(connection, tenant, set(sessions) - set(found))
        await asyncio.sleep(fill)
        kept.update({id: (actor, time.monotonic()) for id, actor in read.items()})
        found = {**found, **read}
        RIGHTS.update({actor.user_id: actor for actor in found.values()})
        return found

    server.views.load_actor = load
    server.live.load_actors = load_many
    server.views.Loaders = server.turns.Loaders = Remembering
    return kept


def cache_with_ttl() -> None:
    """A process keeps what it has read of an actor for a second."""
    _cached(0.0, lambda since: time.monotonic() - since < TTL)


def cache_invalidated() -> None:
    """A process keeps actors until it hears of a change; what is being read at that moment is kept all the same."""
    kept = _cached(0.03, lambda _: True)
    fence = Node._fence

    async def forget(self: Node, payload: str) -> None:
        kept.clear()
        await fence(self, payload)

    Node._fence = forget  # type: ignore[method-assign]


def two_transactions() -> None:
    """The rights are read in one transaction, the data in another; now and then much lies between them."""
    changed_at: dict[Any, float] = {}
    changed = Gate.changed

    def note(self: Gate, tenant: Any, users: Any) -> None:
        changed(self, tenant, users)
        changed_at.update(dict.fromkeys(users or (), time.monotonic()))

    async def bad_luck(user: Any) -> None:
        """The pool is exhausted until the rights have changed and something was written."""
        began = time.monotonic()
        while changed_at.get(user, 0.0) < began and time.monotonic() < began + 3:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await asyncio.sleep(random.random())

    async def read(self: Any) -> tuple[Loaders, Actor]:
        async with snapshot(self._services.engine, self._credential.tenant_id) as connection:
            actor = await _load_actor(connection, self._credential)
        if actor is None:
            raise server.views.Unauthenticated
        if random.random() < 0.3:
            await bad_luck(actor.user_id)
        self._stack = AsyncExitStack()
        connection = await self._stack.enter_async_context(snapshot(self._services.engine, self._credential.tenant_id))
        self._reader = Reader(connection)
        loaders = Remembering(self._reader, self._credential.tenant_id)
        loaders.rights = {actor.user_id: actor}
        return loaders, actor

    Gate.changed = note  # type: ignore[method-assign]
    server.views.SnapshotView._read = read  # type: ignore[method-assign]


def gate_ignored() -> None:
    """Nothing is compared at the write."""
    Gate.may_send = lambda self, *_: self.is_open()  # type: ignore[method-assign]


def not_waited_for() -> None:
    """A revoke is answered as soon as it is committed."""

    async def stand(self: Fence, message: Any) -> None:
        self.forget(message)

    Fence.stand = stand  # type: ignore[method-assign]


def acknowledged_first() -> None:
    """A process says that it has raised its gate, and then raises it."""
    fence = Node._fence
    late: set[asyncio.Task[None]] = set()

    async def raise_later(self: Node, payload: str) -> None:
        await asyncio.sleep(0.4)
        await fence(self, payload)

    async def hasty(self: Node, payload: str) -> None:
        self._to_acknowledge.put_nowait(payload.split('"')[1])
        task = asyncio.create_task(raise_later(self, payload))
        late.add(task)
        task.add_done_callback(late.discard)

    Node._fence = hasty  # type: ignore[method-assign]


def announced_too_early() -> None:
    """The change is announced and acknowledged before it is committed: what is read in between is believed."""
    announce = Fence.announce

    async def early(self: Fence, session: Any, message: Any) -> None:
        await announce(self, session, message)
        await self._wire.say(FENCE, message.dumps())
        await asyncio.sleep(0.05)

    Fence.announce = early  # type: ignore[method-assign]

    async def stand(self: Fence, message: Any) -> None:
        self.forget(message)

    Fence.stand = stand  # type: ignore[method-assign]
    Node._seen = set()  # type: ignore[attr-defined]
    fence = Node._fence

    async def once(self: Node, payload: str) -> None:
        if payload not in Node._seen:  # type: ignore[attr-defined]
            Node._seen.add(payload)  # type: ignore[attr-defined]
            await fence(self, payload)

    Node._fence = once  # type: ignore[method-assign]


def loaders_kept() -> None:
    """The loaders of a tenant's sockets live on from event to event, and remember what they have shown."""
    kept: dict[Any, Loaders] = {}

    def same(reader: Reader, tenant: Any) -> Loaders:
        loaders = kept.setdefault(tenant, Loaders(reader, tenant))
        loaders.reader = reader
        return loaders

    server.turns.Loaders = same  # type: ignore[assignment,misc]


def _partly_blind(blind: Callable[[Any, Any], bool]) -> None:
    chosen = Loaders._chosen

    def choose(self: Loaders, query: Any, relation: Any, choice: Any, *rest: Any) -> Any:
        if not blind(relation, choice):
            return chosen(self, query, relation, choice, *rest)
        without = Blind(self.reader, self.tenant_id)
        return chosen(without, query, relation, choice, *rest)

    Loaders._chosen = choose  # type: ignore[method-assign]


def edge_unguarded() -> None:
    """Of all the ways to a report, the one from its site forgets to ask."""
    _partly_blind(lambda relation, _: relation.parent is Report.site_id)


def search_unguarded() -> None:
    """Whoever searches finds everything."""
    _partly_blind(lambda _, choice: any(one.test is Test.CONTAINS for one, _ in choice.filters))


def count_unguarded() -> None:
    """Rows that are not shown are counted."""
    counts = Loaders._counts

    async def count(self: Loaders, *given: Any) -> list[int]:
        return await counts(Blind(self.reader, self.tenant_id), *given)

    Loaders._counts = count  # type: ignore[method-assign]


def filter_unguarded() -> None:
    """Rows can be told apart by a field that is not shown."""
    resolvers.pages._allow = lambda *_: None


def field_unguarded_in_events() -> None:
    """A guarded field is guarded in answers, and forgotten in events."""
    get_result = schema.fields.DeclaredField.get_result

    def get(self: Any, source: Any, info: Any, args: Any, kwargs: Any) -> Any:
        if isinstance(info.context.view, server.turns._Nowhere):
            return schema.fields._READ[type(self.declaration.source)](self, info.context, source, kwargs)
        return get_result(self, source, info, args, kwargs)

    schema.fields.DeclaredField.get_result = get  # type: ignore[method-assign]


def sockets_left_open() -> None:
    """The sockets of a session that has ended stay."""
    fenced = Hub.fenced

    def leave(self: Hub, message: Any) -> None:
        if message.consequence != "close":
            fenced(self, message)

    Hub.fenced = leave  # type: ignore[method-assign]
    server.live.Live._dismiss = lambda *_: None  # type: ignore[method-assign]


def sign_out_unannounced() -> None:
    """The end of a session is written down, and no process is told."""
    server.door.note = lambda *_: None


def hiding_unannounced() -> None:
    """What is taken out of sight without a change of rights is not fenced."""
    domain.events.note = lambda *_: None


def lease_ignored() -> None:
    """A process sends although it has not been heard of for longer than its lease."""
    Gate.is_open = lambda self: self.listening  # type: ignore[method-assign]


@dataclass(frozen=True)
class Bug:
    """A planted bug, the weather it shows in, and the settings of the processes that have it."""

    plant: Callable[[], None]
    weather: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    freezes: float = 0.0
    lease: float = 3.0
    revokes: int = 200
    """Within how many it shows: time says nothing, for a busy machine takes more of it."""

    @property
    def name(self) -> str:
        return self.plant.__name__

    @property
    def planted(self) -> tuple[str, ...]:
        """What the processes' environment names."""
        return (*self.weather, self.name)


_ORDINARY = {"PORTICO_COMPILED": "0"}
_COMPILED = {"PORTICO_COMPILED": "1"}
FROZEN_WEATHER = ("slower_turns", "slow_ears")
FREEZE, FROZEN_LEASE = 1.5, 0.5
# A race shows sooner where fewer kinds are taken more often.
_VIEWS = ("view_as", "view_as_signed_out")
_FEW = ("tenant", "role", "reports", "site", "organization", "guarded")

BUGS: Mapping[str, Bug] = {one.name: one for one in (
    Bug(checked_at_subscribe),
    Bug(cache_with_ttl, settings=_ORDINARY),
    Bug(cache_invalidated, kinds=_FEW, settings=_ORDINARY),
    Bug(two_transactions, kinds=_FEW, settings=_ORDINARY),
    Bug(gate_ignored, ("slow_turns",), kinds=_FEW),
    Bug(not_waited_for, FROZEN_WEATHER, kinds=_FEW),
    Bug(acknowledged_first, ("slow_turns",), kinds=_FEW),
    Bug(announced_too_early, ("slow_turns",), kinds=_FEW),
    Bug(loaders_kept, settings=_ORDINARY),
    Bug(edge_unguarded, kinds=("reports", "report_kind", "withdrawn"), settings=_ORDINARY),
    Bug(search_unguarded, settings=_ORDINARY),
    Bug(count_unguarded, settings=_ORDINARY),
    Bug(filter_unguarded, kinds=("guarded", "role"), settings=_ORDINARY),
    Bug(field_unguarded_in_events, kinds=("guarded", "role"), settings=_ORDINARY),
    Bug(sockets_left_open, kinds=("suspended", "signed_out", "password", "reset")),
    Bug(sign_out_unannounced, ("slow_turns",), kinds=("signed_out",)),
    Bug(hiding_unannounced, ("slow_turns",), kinds=("withdrawn", "reclassified", "party")),
    Bug(lease_ignored, FROZEN_WEATHER, kinds=_FEW, freezes=FREEZE, lease=FROZEN_LEASE, revokes=2000),
    Bug(compiled.epoch_not_compared, settings=_COMPILED),
    Bug(compiled.session_not_compared, kinds=("signed_out", "signed_out_elsewhere", "reset"), settings=_COMPILED),
    Bug(compiled.plan_shared, settings=_COMPILED),
    Bug(compiled.count_unguarded_in_sql, settings=_COMPILED),
    Bug(compiled.field_unguarded_in_sql, kinds=("guarded", "role", "editor"), settings=_COMPILED),
    Bug(compiled.field_unguarded_in_pushes, kinds=("guarded", "role", "editor"), settings=_COMPILED),
    Bug(compiled.standing_kept, settings=_COMPILED),
    Bug(doors.stream_unfenced, ("slow_turns",), kinds=_FEW),
    Bug(doors.view_kept, kinds=_VIEWS),
    Bug(doors.view_not_followed, kinds=_VIEWS),
    Bug(doors.field_list_ignored, kinds=("partner_field",)),
    Bug(doors.token_end_unannounced, ("slow_turns",), kinds=("partner_token",) * 3),
    Bug(doors.file_unguarded, kinds=("withdrawn", "reclassified")),
    Bug(doors.payload_unguarded, kinds=("editor",), settings=_ORDINARY),
)}  # fmt: skip
