"""Who is acting, as plain values: no row, no connection, nothing that could be asked later than it was read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from auth.partners import Terms
from auth.permissions import CONFERS, Permission
from auth.viewing import Viewing
from models import Area, Place, UserKind


class Forbidden(Exception):
    """The actor may not do this here. ``permission`` is the missing right."""

    code = "FORBIDDEN"

    def __init__(self, permission: Permission) -> None:
        super().__init__(f"This needs the permission {permission.value} at this place.")
        self.permission = permission


@dataclass(frozen=True, slots=True)
class Granted:
    """One live grant: a name of the policy at a place."""

    name: str
    place: Place


@dataclass(frozen=True)
class Actor:
    """A user with the grants read in the snapshot of this operation."""

    tenant_id: uuid.UUID
    user_id: uuid.UUID
    kind: UserKind
    name: str
    email: str
    epoch: int
    grants: tuple[Granted, ...]
    session_id: uuid.UUID | None = field(default=None, compare=False)
    expires_in: float = field(default=float("inf"), compare=False)
    """Seconds until the session ends by itself, counted from the moment it was read."""
    terms: Terms | None = None
    """What is agreed with a partner's application; None for people."""
    scopes: frozenset[str] | None = None
    """The only names of grants that count in this session; ``grants`` holds no others. None: all of them."""

    viewed_by: Viewing | None = None
    """Who looks through this user's eyes in this session, without being able to change anything."""

    @property
    def fields(self) -> frozenset[str] | None:
        """The names of the only fields that may be asked for; None: there is no such list."""
        return self.terms.fields if self.terms is not None else None

    @cached_property
    def places(self) -> Mapping[Permission, tuple[Place, ...]]:
        """For every permission held at all, the places it was granted at."""
        held: dict[Permission, set[str]] = {}
        for name in dict.fromkeys(grant.name for grant in self.grants):
            for permission in CONFERS.get(name, ()):
                held.setdefault(permission, set()).add(name)
        # Most permissions come by the same names: of hundreds of sites, they are gone through once for all of these.
        of_names = {names: self._widest(names) for names in map(frozenset, held.values())}
        return {permission: of_names[frozenset(names)] for permission, names in held.items()}

    def _widest(self, names: frozenset[str]) -> tuple[Place, ...]:
        """The places at which anything of these names was granted, without those another of them covers."""
        unique = dict.fromkeys(grant.place for grant in self.grants if grant.name in names)
        area = Area(unique)
        return tuple(place for place in unique if not area.strictly_covers(place))

    @cached_property
    def area(self) -> Area:
        """All the places at which anything was granted."""
        return Area(grant.place for grant in self.grants)

    @cached_property
    def _areas(self) -> Mapping[Permission, Area]:
        known = {id(places): Area(places) for places in self.places.values()}
        return {permission: known[id(places)] for permission, places in self.places.items()}

    def holds(self, permission: Permission, place: Place) -> bool:
        """Whether ``permission`` was granted at ``place`` or at a place that covers it."""
        area = self._areas.get(permission)
        return area is not None and area.covers(place)

    def require(self, permission: Permission, place: Place) -> None:
        """Raise Forbidden unless the actor holds ``permission`` at ``place``."""
        if not self.holds(permission, place):
            raise Forbidden(permission)

    def permissions_at(self, place: Place) -> frozenset[Permission]:
        """Every permission that holds at ``place``."""
        return frozenset(permission for permission, area in self._areas.items() if area.covers(place))

    def holds_wherever(self, viewing: Iterable[Permission], permission: Permission) -> bool:
        """Whether ``permission`` holds at every place where one of ``viewing`` does.

        Sorting or filtering by a guarded field tells its values apart even where they are not shown,
        so it is allowed only to those who may read the field on every row they may see.
        """
        return all(self.holds(permission, place) for view in viewing for place in self.places.get(view, ()))


class _System(Actor):
    """The worker and the command line act as this: no person, every right, in one tenant."""

    @cached_property
    def places(self) -> Mapping[Permission, tuple[Place, ...]]:
        return dict.fromkeys(Permission, (Place(self.tenant_id),))


def system_actor(tenant_id: uuid.UUID) -> Actor:
    """The actor for work no person asked for."""
    return _System(
        tenant_id=tenant_id,
        user_id=uuid.UUID(int=0),
        kind=UserKind.STAFF,
        name="System",
        email="",
        epoch=0,
        grants=(),
    )
