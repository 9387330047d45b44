"""The viewer's own access."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import models
from auth.actor import Actor
from auth.permissions import Permission
from models import Place
from resolvers.context import Context
from resolvers.record import Record


class AccessPlace:
    """A place the viewer was granted something at."""

    def __init__(self, context: Context, place: Place) -> None:
        self._context = context
        self.place = place

    def organization(self) -> Awaitable[Record | None] | None:
        """The organization's row, unless the place is the tenant."""
        return self._row(models.Organization, self.place.organization)

    def site(self) -> Awaitable[Record | None] | None:
        """The site's row, if the place is one."""
        return self._row(models.Site, self.place.site)

    def permissions(self) -> list[Permission]:
        """Every right that holds at the place."""
        return sorted(self._context.actor.permissions_at(self.place))

    def _row(self, model: Any, id: Any) -> Awaitable[Record | None] | None:
        if id is None:
            return None
        return self._context.loaders.row(model).load((self._context.actor.user_id, id))


def granted_places(actor: Actor) -> list[Place]:
    """The distinct places of an actor's grants, widest first."""
    places = {grant.place for grant in actor.grants}
    return sorted(places, key=lambda one: (str(one.organization or ""), str(one.site or "")))


def access_places(context: Context, _: Any) -> list[AccessPlace]:
    """The places the viewer was granted something at."""
    return [AccessPlace(context, place) for place in granted_places(context.actor)]


def user_of(context: Context, _: Any) -> Awaitable[Record | None]:
    """The viewer's own user."""
    key = (context.actor.user_id, context.actor.user_id)
    return context.loaders.row(models.User).load(key)


def tenant_of(context: Context, _: Any) -> Awaitable[Record | None]:
    """The viewer's tenant."""
    key = (context.actor.user_id, context.actor.tenant_id)
    return context.loaders.row(models.Tenant).load(key)
