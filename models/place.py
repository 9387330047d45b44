"""Where a permission holds: a whole tenant, one organization of it, or one site of that."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant, an organization (``organization`` set) or a site (both set)."""

    tenant: uuid.UUID
    organization: uuid.UUID | None = None
    site: uuid.UUID | None = None

    def __post_init__(self) -> None:
        if self.site is not None and self.organization is None:
            raise ValueError("a site is a place only together with its organization")

    def covers(self, other: Place) -> bool:
        """Whether ``other`` is this place or lies within it; organization and site scope are this one rule."""
        return (
            self.tenant == other.tenant
            and self.organization in (None, other.organization)
            and self.site in (None, other.site)
        )

    @property
    def path(self) -> tuple[uuid.UUID, ...]:
        """The ids from the tenant down to the place: what covers another has the beginning of its path for a path."""
        if self.organization is None:
            return (self.tenant,)
        if self.site is None:
            return (self.tenant, self.organization)
        return (self.tenant, self.organization, self.site)


class Area:
    """Some places. Whether any of them covers a place, or lies within it, takes the same time however many they are."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._paths = frozenset(one.path for one in places)

    def covers(self, place: Place) -> bool:
        """Whether ``place`` is one of the places or lies within one."""
        path = place.path
        return any(path[:length] in self._paths for length in range(1, len(path) + 1))

    def strictly_covers(self, place: Place) -> bool:
        """Whether ``place`` lies within one of the places and is not that place itself."""
        path = place.path
        return any(path[:length] in self._paths for length in range(1, len(path)))

    def reaches_into(self, place: Place) -> bool:
        """Whether one of the places is ``place`` or lies within it."""
        return place.path in self._beginnings

    @cached_property
    def _beginnings(self) -> frozenset[tuple[uuid.UUID, ...]]:
        return frozenset(path[:length] for path in self._paths for length in range(1, len(path) + 1))
