"""A visibility predicate by rights that were read earlier: planted bugs read with it, production never does."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, false, literal, or_, select, true

import models
from auth.actor import Actor
from auth.scope import VISIBILITY, Clause, Own, Reach, place_columns
from resolvers.loaders import Loaders

RIGHTS: dict[uuid.UUID, Actor] = {}
"""The rights of each user, as they were when somebody last read them."""


class Remembering(Loaders):
    """Loaders that show what the remembered rights allow."""

    rights: Mapping[uuid.UUID, Actor] = RIGHTS

    def _seen(self, model: Any, table: FromClause, asked: FromClause, keys: Sequence[Any]) -> ColumnElement[bool]:
        if not issubclass(model, models.TenantRow):
            return super()._seen(model, table, asked, keys)
        seen = [
            and_(asked.c.viewer == viewer, seen_by(self.rights[viewer], model, table))
            for viewer in {viewer for viewer, _ in keys}
        ]
        return and_(table.c.tenant_id == self.tenant_id, or_(*seen))


class Blind(Loaders):
    """Loaders that show a tenant's rows to everybody of it."""

    def _seen(self, model: Any, table: FromClause, *_: Any) -> ColumnElement[bool]:
        tenant = table.c.tenant_id if issubclass(model, models.TenantRow) else table.c.id
        return tenant == self.tenant_id


def seen_by(actor: Actor, model: Any, table: FromClause) -> ColumnElement[bool]:
    """Whether the actor sees the row, by the grants the actor was read with."""
    return or_(false(), *(_clause(actor, one, model, table) for one in VISIBILITY[model]))


def _clause(actor: Actor, one: Clause | Own, model: Any, table: FromClause) -> ColumnElement[bool]:
    if isinstance(one, Own):
        return table.c[one.column] == actor.user_id
    if one.through is not None:
        link = one.through.__table__.alias()
        joined = and_(link.c.tenant_id == table.c.tenant_id, link.c.job_id == table.c.id, link.c.archived_at.is_(None))
        found = select(literal(1)).where(joined, _covered(actor, one, one.through, link))
        return exists(found.correlate_except(link))
    states = [table.c[column].in_([str(value) for value in values]) for column, values in one.when.items()]
    return and_(true(), *states, _covered(actor, one, model, table))


def _covered(actor: Actor, one: Clause, model: Any, table: FromClause) -> ColumnElement[bool]:
    organization, site = place_columns(model, table)
    tests: list[ColumnElement[bool]] = [false()]
    for place in actor.places.get(one.permission, ()):
        if place.organization is None:
            return true()
        if organization is not None and (place.site is None or one.reach is Reach.TOUCHES):
            tests.append(organization == place.organization)
        elif site is not None and place.site is not None:
            tests.append(site == place.site)
    return or_(*tests)
