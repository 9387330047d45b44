"""Finding the rows a command is about: those the actor may see, locked for the change."""

from __future__ import annotations

import uuid
from typing import TypeVar

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.scope import Viewpoint, visible
from domain.refusals import Conflict, NotFound
from models import Versioned

Row = TypeVar("Row", bound=Versioned)


async def find(session: AsyncSession, actor: Actor, model: type[Row], id: uuid.UUID, *, field: str = "id") -> Row:
    """The row, locked until the transaction ends; NotFound if there is none the actor may see."""
    query = select(model).where(model.tenant_id == actor.tenant_id, model.id == id)
    if actor.user_id.int:
        eyes = Viewpoint(literal(actor.tenant_id), literal(actor.user_id), actor.scopes)
        query = query.where(visible(model, model.__table__, eyes))
    row = await session.scalar(query.with_for_update(of=model))
    if row is None:
        raise NotFound(field)
    return row


def expect(row: Versioned, version: int | None) -> None:
    """Raise Conflict if the caller read an older version of the row than the one there is."""
    if version is not None and row.version != version:
        raise Conflict(row.version)
