"""What somebody would see more, and less, if they were given exactly this: tried out, looked at, and taken back.

The rights are changed for real in a transaction that is rolled back, and the one predicate is asked twice in it: as
the person with the rights they would have, and as a stand-in with the rights they have now.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, false, func, insert, literal, not_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

import models
from auth.grants import load_actor
from auth.permissions import Permission
from auth.scope import Clause, Viewpoint, covered, visible
from domain import access_sets, finding
from domain.access_sets import Wanted
from domain.refusals import NotFound
from models import Grant, Organization, Place, ReportKind, Site, Tenant, User, UserStatus
from models.base import new_id
from resolvers.commands import Unauthenticated
from resolvers.context import Context
from resolvers.ids import decode
from resolvers.record import Record

SHOWN = 20
"""How many of the rows that appear or vanish are named; they are all counted."""
KINDS: tuple[type[models.TenantRow], ...] = (
    models.Organization,
    models.Site,
    models.Contact,
    models.Contract,
    models.Job,
    models.Report,
)
_TIMEOUT = text("select set_config('statement_timeout', '5000', true)")
_TENANT = text("select set_config('app.tenant', :tenant, true)")


@dataclass(frozen=True)
class Difference:
    """Rows of one kind that would appear or vanish."""

    model: type[models.TenantRow]
    report_kind: ReportKind | None
    count: int
    ids: tuple[uuid.UUID, ...]
    context: Context

    async def nodes(self) -> list[Record]:
        """The first of them, as far as the asker may see them too."""
        viewer = self.context.actor.user_id
        rows = await self.context.loaders.row(self.model).load_many([(viewer, id) for id in self.ids])
        return [row for row in rows if row is not None]


@dataclass(frozen=True)
class FieldDifference:
    """A guarded field that would be shown, or shown no more, at so many rows."""

    type: str
    field: str
    permission: Permission
    gained: int
    lost: int


@dataclass(frozen=True)
class Preview:
    """What a change of access would mean for one person. ``epoch`` is what it was worked out for."""

    epoch: int
    appears: Sequence[Difference]
    vanishes: Sequence[Difference]
    fields: Sequence[FieldDifference]


@dataclass(frozen=True)
class Guard:
    """A guarded field of a type."""

    type: str
    field: str
    model: type[models.TenantRow]
    permission: Permission


@dataclass(frozen=True)
class _Eyes:
    """The two viewers: the person as they would be, and the stand-in as the person is."""

    then: Viewpoint
    now: Viewpoint


async def preview(
    context: Context, user_id: str, grants: Sequence[Mapping[str, str]], guards: Sequence[Guard]
) -> Preview:
    """Try out that the user has by hand exactly ``grants``. Refused as the change itself would be."""
    engine = context.services.engine.execution_options(isolation_level="REPEATABLE READ")
    async with AsyncSession(engine, expire_on_commit=False) as session:
        await session.execute(_TENANT, {"tenant": str(context.actor.tenant_id)})
        await session.execute(_TIMEOUT)
        actor = await load_actor(session, context.credential)
        if actor is None:
            raise Unauthenticated
        user = await _user(session, context, user_id)
        wanted = [await wanted_of(session, context, one) for one in grants]
        epoch = await access_sets.epoch_of(session, user)
        eyes = await _try_out(session, context, user, wanted)
        found = await _look(session, context, epoch, eyes, guards)
        await session.rollback()
    return found


async def _user(session: AsyncSession, context: Context, user_id: str) -> User:
    target = decode(user_id)
    if target is None or target[0] is not User:
        raise NotFound("userId")
    return await finding.find(session, context.actor, User, target[1], field="userId")


async def wanted_of(session: AsyncSession, context: Any, given: Mapping[str, str]) -> Wanted:
    """A grant as it is written in an input. ``context`` is whatever has the actor."""
    target = decode(given["place_id"])
    actor = context.actor
    if target == (Tenant, actor.tenant_id):
        return Wanted(given["name"], Place(actor.tenant_id))
    if target is None or target[0] not in (Organization, Site):
        raise NotFound("grants")
    model: Any = target[0]
    row = await finding.find(session, actor, model, target[1], field="grants")
    return Wanted(given["name"], row.place)


async def _try_out(session: AsyncSession, context: Context, user: User, wanted: Sequence[Wanted]) -> _Eyes:
    stand_in = await _stand_in(session, user)
    await access_sets.set_access(session, context.actor, user, wanted, expected_epoch=None, on=context.now)
    await session.flush()
    tenant = literal(user.tenant_id)
    return _Eyes(Viewpoint(tenant, literal(user.id)), Viewpoint(tenant, literal(stand_in)))


async def _stand_in(session: AsyncSession, user: User) -> uuid.UUID:
    """Somebody who has what the user has; nobody ever sees them, since all this is taken back."""
    id = new_id()
    await session.execute(
        insert(User).values(
            tenant_id=user.tenant_id,
            id=id,
            kind=user.kind,
            status=UserStatus.SUSPENDED,
            name=user.name,
            email=f"{id.hex}@stand-in.invalid",
            organization_id=user.organization_id,
        )
    )
    table = Grant.__table__
    held = select(
        table.c.tenant_id, func.gen_random_uuid(), literal(id), table.c.kind, table.c.name,
        table.c.organization_id, table.c.site_id, table.c.cause,
    ).where(table.c.tenant_id == user.tenant_id, table.c.user_id == user.id, table.c.archived_at.is_(None))  # fmt: skip
    names = ["tenant_id", "id", "user_id", "kind", "name", "organization_id", "site_id", "cause"]
    await session.execute(insert(Grant).from_select(names, held))
    return id


async def _look(session: AsyncSession, context: Context, epoch: int, eyes: _Eyes, guards: Sequence[Guard]) -> Preview:
    appears: list[Difference] = []
    vanishes: list[Difference] = []
    for model in KINDS:
        for kind in tuple(ReportKind) if model is models.Report else (None,):
            appears += await _rows(session, context, model, kind, eyes.then, eyes.now)
            vanishes += await _rows(session, context, model, kind, eyes.now, eyes.then)
    fields = [found for guard in guards if (found := await _field(session, context, guard, eyes)) is not None]
    return Preview(epoch, appears, vanishes, fields)


async def _rows(
    session: AsyncSession,
    context: Context,
    model: type[models.TenantRow],
    kind: ReportKind | None,
    by: Viewpoint,
    but_not_by: Viewpoint,
) -> list[Difference]:
    """The living rows one of the two sees and the other does not, if there are any."""
    table = model.__table__
    seen = and_(_seen(model, table, by), not_(_seen(model, table, but_not_by)))
    condition = and_(*_living(table, context.actor.tenant_id, kind), seen)
    query = select(table.c.id, func.count().over().label("rows")).where(condition).order_by(table.c.id).limit(SHOWN)
    rows = (await session.execute(query)).all()
    return [Difference(model, kind, rows[0].rows, tuple(row.id for row in rows), context)] if rows else []


def _seen(model: type[models.TenantRow], table: FromClause, eyes: Viewpoint) -> ColumnElement[bool]:
    # Of a row without a site, SQL cannot say whether its site is among some; that is a no.
    return func.coalesce(visible(model, table, eyes), false())


def _living(table: FromClause, tenant_id: uuid.UUID, kind: ReportKind | None) -> list[ColumnElement[bool]]:
    conditions = [table.c.tenant_id == tenant_id, table.c.archived_at.is_(None)]
    return conditions if kind is None else [*conditions, table.c.kind == kind.value]


async def _field(session: AsyncSession, context: Context, guard: Guard, eyes: _Eyes) -> FieldDifference | None:
    table = guard.model.__table__

    def shown(to: Viewpoint) -> ColumnElement[bool]:
        held = func.coalesce(covered(Clause(guard.permission), guard.model, table, to), false())
        return and_(_seen(guard.model, table, to), held)

    then, now = shown(eyes.then), shown(eyes.now)
    counted = select(
        func.count().filter(and_(then, not_(now))).label("gained"),
        func.count().filter(and_(now, not_(then))).label("lost"),
    )
    row = (await session.execute(counted.where(*_living(table, context.actor.tenant_id, None)))).one()
    if not row.gained and not row.lost:
        return None
    return FieldDifference(guard.type, guard.field, guard.permission, row.gained, row.lost)
