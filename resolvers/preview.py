"""What somebody would see more, and less, if they were given exactly this.

Nothing is changed to find out. The rules of the change itself say what the person would have, and the one predicate is
asked with that instead of their grants, and with their grants.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    Uuid,
    and_,
    column,
    false,
    func,
    literal,
    not_,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

import models
from auth.permissions import Permission
from auth.scope import Clause, Viewpoint, covered, visible
from domain import access_sets
from domain.access import Person
from domain.access_sets import BY_HAND, Wanted
from domain.refusals import NotFound
from models import Grant, PermissionEpoch, Place, ReportKind, User
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
    """The person twice: with what they would have, and with what they have."""

    then: Viewpoint
    now: Viewpoint


@dataclass(frozen=True)
class _Holding:
    """What somebody has now; ``seen`` says whether the asker sees the grant, ``by_hand`` whether it can be set."""

    what: Wanted
    by_hand: bool
    seen: bool


async def preview(
    context: Context, user_id: str, grants: Sequence[Mapping[str, str]], guards: Sequence[Guard]
) -> Preview:
    """What it would mean that the user has by hand exactly ``grants``. Refused as the change itself would be."""
    user = await _user(context, user_id)
    wanted = await asyncio.gather(*(_wanted(context, one) for one in grants))
    epoch, has = await _epoch(context, user), await _has(context, user)
    change = access_sets.difference((one.what for one in has if one.by_hand and one.seen), wanted)
    unseen = frozenset(one.what for one in has if one.by_hand and not one.seen)
    access_sets.check(context.actor, Person(user.key, user.row.kind, user.row.organization_id), change, unseen)
    kept = [one.what for one in has if not (one.by_hand and one.seen and one.what in change.taken)]
    return await _look(context, epoch, _eyes(user, [*kept, *change.given]), guards)


async def _user(context: Context, id: str) -> Record:
    target = decode(id)
    if target is None or target[0] is not User:
        raise NotFound("userId")
    record = await context.loaders.row(User).load((context.actor.user_id, target[1]))
    if record is None:
        raise NotFound("userId")
    return record


async def _wanted(context: Context, given: Mapping[str, str]) -> Wanted:
    """A grant as it is written in an input."""
    target = decode(given["place_id"])
    if target is None or target[0] not in (models.Tenant, models.Organization, models.Site):
        raise NotFound("grants")
    record = await context.loaders.row(target[0]).load((context.actor.user_id, target[1]))
    if record is None:
        raise NotFound("grants")
    return Wanted(given["name"], record.place)


async def _epoch(context: Context, user: Record) -> int:
    table = PermissionEpoch.__table__
    query = select(table.c.number).where(table.c.tenant_id == user.row.tenant_id, table.c.id == user.key)
    ((number,),) = await context.loaders.reader.all(query)
    return number


async def _has(context: Context, user: Record) -> list[_Holding]:
    """Every live grant of the user."""
    table, actor = Grant.__table__, context.actor
    eyes = Viewpoint(literal(actor.tenant_id), literal(actor.user_id), actor.scopes)
    seen = func.coalesce(visible(Grant, table, eyes), false()).label("seen")
    query = select(table.c.name, table.c.organization_id, table.c.site_id, table.c.cause, seen).where(
        table.c.tenant_id == user.row.tenant_id, table.c.user_id == user.key, table.c.archived_at.is_(None)
    )
    return [
        _Holding(
            Wanted(row.name, Place(user.row.tenant_id, row.organization_id, row.site_id)),
            row.cause == BY_HAND,
            row.seen,
        )
        for row in await context.loaders.reader.all(query)
    ]


def _eyes(user: Record, held: Sequence[Wanted]) -> _Eyes:
    tenant, viewer = literal(user.row.tenant_id), literal(user.key)
    return _Eyes(Viewpoint(tenant, viewer, grants=_grants(user, held)), Viewpoint(tenant, viewer))


def _grants(user: Record, held: Sequence[Wanted]) -> FromClause:
    """Rows like those of the table of grants."""
    columns = (column("name", String()), column("organization_id", Uuid()), column("site_id", Uuid()))
    parts = (
        literal([one.name for one in held], ARRAY(String())),
        literal([one.at.organization for one in held], ARRAY(Uuid())),
        literal([one.at.site for one in held], ARRAY(Uuid())),
    )
    given = func.unnest(*parts).table_valued(*columns).render_derived(name="given")
    return select(
        literal(user.row.tenant_id).label("tenant_id"),
        literal(user.key).label("user_id"),
        null().label("archived_at"),
        *given.c,
    ).cte("tried")


async def _look(context: Context, epoch: int, eyes: _Eyes, guards: Sequence[Guard]) -> Preview:
    appears: list[Difference] = []
    vanishes: list[Difference] = []
    for model in KINDS:
        for kind in tuple(ReportKind) if model is models.Report else (None,):
            appears += await _rows(context, model, kind, eyes.then, eyes.now)
            vanishes += await _rows(context, model, kind, eyes.now, eyes.then)
    fields = [found for guard in guards if (found := await _field(context, guard, eyes)) is not None]
    return Preview(epoch, appears, vanishes, fields)


async def _rows(
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
    rows = await context.loaders.reader.all(query)
    return [Difference(model, kind, rows[0].rows, tuple(row.id for row in rows), context)] if rows else []


def _seen(model: type[models.TenantRow], table: FromClause, eyes: Viewpoint) -> ColumnElement[bool]:
    # Of a row without a site, SQL cannot say whether its site is among some; that is a no.
    return func.coalesce(visible(model, table, eyes), false())


def _living(table: FromClause, tenant_id: uuid.UUID, kind: ReportKind | None) -> list[ColumnElement[bool]]:
    conditions = [table.c.tenant_id == tenant_id, table.c.archived_at.is_(None)]
    return conditions if kind is None else [*conditions, table.c.kind == kind.value]


async def _field(context: Context, guard: Guard, eyes: _Eyes) -> FieldDifference | None:
    table = guard.model.__table__

    def shown(to: Viewpoint) -> ColumnElement[bool]:
        held = func.coalesce(covered(Clause(guard.permission), guard.model, table, to), false())
        return and_(_seen(guard.model, table, to), held)

    then, now = shown(eyes.then), shown(eyes.now)
    counted = select(
        func.count().filter(and_(then, not_(now))).label("gained"),
        func.count().filter(and_(now, not_(then))).label("lost"),
    )
    (row,) = await context.loaders.reader.all(counted.where(*_living(table, context.actor.tenant_id, None)))
    if not row.gained and not row.lost:
        return None
    return FieldDifference(guard.type, guard.field, guard.permission, row.gained, row.lost)
