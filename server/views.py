"""Contexts over snapshots: opened for one operation or one event, closed with it."""

from __future__ import annotations

import uuid
from contextlib import AsyncExitStack

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.actor import Actor
from auth.grants import Credential, load_actor
from models.database import snapshot
from resolvers.commands import Unauthenticated
from resolvers.context import Context, Services
from resolvers.loaders import Loaders
from resolvers.reader import Reader


class SnapshotView:
    """The snapshot of one operation; commands in it close it and open another."""

    def __init__(self, services: Services, credential: Credential) -> None:
        self._services = services
        self._credential = credential
        self._stack = AsyncExitStack()
        self.statements = 0
        self._reader: Reader | None = None

    async def open(self, request_id: str) -> Context:
        """A context for whoever the credential stands for; Unauthenticated if for nobody."""
        loaders, actor = await self._read()
        return Context(
            services=self._services,
            credential=self._credential,
            actor=actor,
            loaders=loaders,
            now=self._services.clock(),
            request_id=request_id,
            view=self,
        )

    async def close(self) -> None:
        """Give the connection back."""
        if self._reader is not None:
            self.statements += self._reader.statements
            await self._reader.close()
            self._reader = None
        await self._stack.aclose()

    async def renew(self, context: Context) -> None:
        """Read on in a new snapshot, under the rights of that moment."""
        await self.close()
        context.loaders, context.actor = await self._read()

    async def _read(self) -> tuple[Loaders, Actor]:
        connection = await self._enter()
        self.statements += 1
        actor = await load_actor(connection, self._credential)
        if actor is None:
            raise Unauthenticated
        self._reader = Reader(connection)
        return Loaders(self._reader, self._credential.tenant_id, actor.scopes), actor

    async def _enter(self) -> AsyncConnection:
        self._stack = AsyncExitStack()
        return await self._stack.enter_async_context(snapshot(self._services.engine, self._credential.tenant_id))


def new_request_id() -> str:
    """An id under which a request is found in the log."""
    return uuid.uuid4().hex
