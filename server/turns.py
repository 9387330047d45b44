"""One look at what waits in a tenant: everything in it is read from one snapshot, and answered alike for equals."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import orjson
from sqlalchemy import Executable, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

import models
from auth.actor import Actor
from auth.grants import Credential
from auth.permissions import REPORT_PERMISSIONS
from auth.scope import viewing_permissions
from compiler.many import ForMany
from compiler.run import response
from models import Place
from outbox.gate import Mark
from outbox.hub import Due, Subscription
from outbox.log import LoggedEvent
from resolvers.context import Context, Services
from resolvers.ids import PREFIXES, Model
from resolvers.loaders import Loaders
from resolvers.reader import Reader, ReaderClosed
from resolvers.record import Record
from schema.subscriptions import Change
from server.errors import denied
from server.execution import run
from server.pushed import Pushed, spliced
from server.subscribing import LiveDocument
from server.views import new_request_id

NODE_MODELS: Mapping[str, Model] = {model.__name__: model for model in PREFIXES}


class SharedReader(Reader):
    """The reader of a turn, in which a statement that fails takes the snapshot from all the others."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.failure: Exception | None = None
        self._one = asyncio.Lock()

    async def all(self, statement: Executable, parameters: dict[str, Any] | None = None) -> Sequence[Row[Any]]:
        """All rows of ``statement``; the first failure is everybody's."""
        async with self._one:
            if self.failure is not None:
                raise self.failure
            try:
                return await super().all(statement, parameters)
            except ReaderClosed:
                raise
            except Exception as error:
                self.failure = error
                raise


@dataclass
class Turn:
    """The snapshot of a tenant, whose sessions still hold in it, and the marks taken before it.

    ``many`` is the compiled read path for pushes, unless everything is read by ordinary execution.
    """

    services: Services
    tenant_id: uuid.UUID
    reader: SharedReader
    actors: Mapping[uuid.UUID, Actor]
    marks: Mapping[uuid.UUID, Mark]
    many: ForMany | None = None
    answers: dict[Any, asyncio.Task[bytes]] = field(default_factory=dict[Any, "asyncio.Task[bytes]"])

    def __post_init__(self) -> None:
        self._published: dict[uuid.UUID, str | None] = {}
        self.loaders = Loaders(self.reader, self.tenant_id)
        self._narrowed: dict[frozenset[str], Loaders] = {}
        self._pushed = Pushed(self.many, self.services.secret, self.reader) if self.many else None
        self._changes: dict[Any, dict[str, Any]] = {}

    def actor_of(self, one: Subscription) -> Actor:
        """Whose subscription it is, with the rights of this snapshot."""
        return self.actors[one.socket.session_id]

    def loaders_of(self, actor: Actor) -> Loaders:
        """The loaders that see what an actor sees: everybody's, or those of the scopes their token was narrowed to."""
        if actor.scopes is None:
            return self.loaders
        if actor.scopes not in self._narrowed:
            self._narrowed[actor.scopes] = Loaders(self.reader, self.tenant_id, actor.scopes)
        return self._narrowed[actor.scopes]

    async def prefetch(self, due: Mapping[Subscription, Due]) -> None:
        """Ask for all rows all subscriptions wait for in one breath, so that they come in one statement a type."""
        keys = {
            (item.event.node_type, self.loaders_of(actor), actor.user_id, item.event.node_id)
            for one, what in due.items()
            for actor in [self.actor_of(one)]
            for item in what.items
        }
        loads = [loaders.row(NODE_MODELS[node_type]).load((user, node)) for node_type, loaders, user, node in keys]
        await asyncio.gather(*loads)

    async def row(self, actor: Actor, event: LoggedEvent) -> Record | None:
        """The node of an event as the viewer sees it now; None if they do not."""
        loader = self.loaders_of(actor).row(NODE_MODELS[event.node_type])
        return await loader.load((actor.user_id, event.node_id))

    async def read(self, showing: Iterable[tuple[LiveDocument, Actor, str | None]]) -> None:
        """Read what is shown of these nodes (or of the access, where there is none), by statements for all viewers."""
        if self._pushed is None:
            return
        for live, actor, node in showing:
            self._pushed.ask(live, actor, node)
        await self._pushed.fetch()

    async def saw(self, actor: Actor, event: LoggedEvent) -> bool:
        """Whether the viewer may have seen the node before this event took it out of sight."""
        if not event.hides:
            return False
        model = cast("type[models.TenantRow]", NODE_MODELS[event.node_type])
        if model is models.Report:
            return await self._saw_report(actor, event)
        place = Place(event.tenant_id, event.organization_id, event.site_id)
        if event.left_organization_id is not None:
            place = Place(event.tenant_id, event.left_organization_id, event.left_site_id)
        return any(actor.holds(permission, place) for permission in viewing_permissions(model))

    async def _saw_report(self, actor: Actor, event: LoggedEvent) -> bool:
        """Clients see published reports only, and only of the kinds they may read."""
        if event.node_id not in self._published:
            report = models.Report.__table__
            query = select(report.c.kind).where(
                report.c.tenant_id == self.tenant_id,
                report.c.id == event.node_id,
                report.c.published_at.is_not(None),
            )
            rows = await self.reader.all(query)
            self._published[event.node_id] = rows[0].kind if rows else None
        kind = event.left_kind or self._published[event.node_id]
        if self._published[event.node_id] is None or kind is None:
            return False
        permission = REPORT_PERMISSIONS[models.ReportKind(kind)]
        return actor.holds(permission, Place(event.tenant_id, event.organization_id, event.site_id))

    async def payload(self, live: LiveDocument, actor: Actor, value: Any, sharing: Any) -> bytes:
        """The response to a pushed value; it is made once for all who ask the same and are equal in ``sharing``."""
        key = (live.key, sharing)
        if key not in self.answers:
            self.answers[key] = asyncio.ensure_future(self._execute(live, actor, value))
        return await asyncio.shield(self.answers[key])

    async def _execute(self, live: LiveDocument, actor: Actor, value: Any) -> bytes:
        node = value.node_id if isinstance(value, Change) else None
        read = self._pushed.found(live, actor, node) if self._pushed is not None else None
        if read is not None:
            if isinstance(value, Change):
                return spliced(await self._without_node(live, actor, value), read)
            return response(read, tuple(denied(read.denials, read.data)))
        return orjson.dumps(await self._ordinary(live, actor, value))

    async def _without_node(self, live: LiveDocument, actor: Actor, change: Change) -> dict[str, Any]:
        """The response to a change but for its node, made once for all to whom it is the same."""
        same = replace(change, record=None, epoch=change.epoch if live.traits.epoch else 0)
        name = (live.key, same)
        if name not in self._changes:
            self._changes[name] = await self._ordinary(live, actor, same)
        return self._changes[name]

    async def _ordinary(self, live: LiveDocument, actor: Actor, value: Any) -> dict[str, Any]:
        body = await run(live.operation, live.variables, self._context(actor), value)
        if self.reader.failure is not None:
            # The answer tells of an error that may be another's: it is made again, alone.
            raise self.reader.failure
        return body

    def _context(self, actor: Actor) -> Context:
        """A context for one execution: the loaders are shared, the denials are its own."""
        return Context(
            services=self.services,
            credential=Credential(self.tenant_id, b""),
            actor=actor,
            loaders=self.loaders_of(actor),
            now=self.services.clock(),
            request_id=new_request_id(),
            view=_Nowhere(),
        )


class _Nowhere:
    """The view of an event: it carries no commands, so it never needs another snapshot."""

    async def close(self) -> None:
        """Nothing to give up: the turn owns the snapshot."""

    async def renew(self, _context: Context, /) -> None:
        """Events change nothing."""
        raise RuntimeError("a subscription cannot run commands")
