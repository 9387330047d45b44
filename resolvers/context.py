"""What one operation of one viewer carries along. Nothing of it outlives the operation or the event it was made for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from auth.actor import Actor
from auth.grants import Credential
from auth.permissions import Permission
from outbox.clock import Clock, machine_clock
from outbox.commit import Publisher
from resolvers.loaders import Loaders

Path = tuple[str | int, ...]


class View(Protocol):
    """The snapshot a context reads from."""

    async def close(self) -> None:
        """Give the snapshot up; nothing can be read until ``renew``."""
        ...

    async def renew(self, context: Context, /) -> None:
        """Give the context a new snapshot and the actor's rights of that moment."""
        ...


@dataclass
class Denials:
    """The guarded fields that were asked for and not shown: where, and which right was missing."""

    paths: dict[tuple[str, str, Permission], list[Path]] = field(default_factory=dict)

    def note(self, type_name: str, field_name: str, permission: Permission, path: Path) -> None:
        """One place at which one field was replaced by null."""
        self.paths.setdefault((type_name, field_name, permission), []).append(path)


@dataclass(frozen=True)
class Services:
    """What a process has once and every operation uses: database, way to commit, secret of cursors, and clock."""

    engine: AsyncEngine
    publisher: Publisher
    secret: bytes
    clock: Clock = machine_clock


@dataclass
class Context:
    """One viewer's view of one snapshot."""

    services: Services
    credential: Credential
    actor: Actor
    loaders: Loaders
    now: datetime
    request_id: str
    view: View
    denials: Denials = field(default_factory=Denials)
