"""Finding the rows a command is about: those the actor may see, locked for the change."""

from __future__ import annotations

import uuid
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.scope import Viewpoint, visible
from domain.refusals import Conflict, NotFound
from models import Versioned

Row = TypeVar("Row", bound=Versioned)


_TENANT, _VIEWER = bindparam("tenant", type_=Uuid()), bindparam("viewer", type_=Uuid())


async def find(session: AsyncSession, actor: Actor, model: type[Row], id: uuid.UUID, *, field: str = "id") -> Row:
    """The row, locked until the transaction ends; NotFound if there is none the actor may see."""
    query = _seen(model, actor.scopes) if actor.user_id.int else _any(model)
    given = {"tenant": actor.tenant_id, "viewer": actor.user_id, "id": id}
    row: Row | None = await session.scalar(query, given)
    if row is None:
        raise NotFound(field)
    return row


@cache
def _any(model: type[Versioned]) -> Select[Any]:
    """The row of an id. Put together once for a model: that takes longer than PostgreSQL does to find the row."""
    held = model.tenant_id == _TENANT, model.id == bindparam("id", type_=Uuid())
    return select(model).where(*held).with_for_update(of=model)


@lru_cache(maxsize=512)
def _seen(model: type[Versioned], scopes: frozenset[str] | None) -> Select[Any]:
    """The row of an id if the viewer sees it; programs may ask for any part of their scopes, so not all are kept."""
    return _any(model).where(visible(model, model.__table__, Viewpoint(_TENANT, _VIEWER, scopes)))


def expect(row: Versioned, version: int | None) -> None:
    """Raise Conflict if the caller read an older version of the row than the one there is."""
    if version is not None and row.version != version:
        raise Conflict(row.version)
