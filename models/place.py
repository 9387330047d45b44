"""Where a permission holds: a whole tenant, one organization of it, or one site of that."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


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
