"""A place of work of an organization."""

from __future__ import annotations

import enum
import uuid
from decimal import Decimal

from sqlalchemy import Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Versioned, named, within
from models.place import Place


class SiteStatus(enum.StrEnum):
    ACTIVE = "ACTIVE"
    LIMITED = "LIMITED"
    CLOSED = "CLOSED"


class Site(Versioned):
    __tablename__ = "site"

    organization_id: Mapped[uuid.UUID]
    name: Mapped[str]
    status: Mapped[SiteStatus] = mapped_column(named(SiteStatus), default=SiteStatus.ACTIVE)
    time_zone: Mapped[str]
    address_street: Mapped[str | None]
    address_city: Mapped[str | None]
    address_region: Mapped[str | None]
    address_postal_code: Mapped[str | None]
    address_country: Mapped[str | None]
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    service_details: Mapped[str | None]
    internal_notes: Mapped[str | None]
    external_id: Mapped[str | None]

    __table_args__ = (
        within("organization_id", to="organization"),
        UniqueConstraint("tenant_id", "organization_id", "id"),
        Index(None, "tenant_id", "organization_id", "name", "id"),
        Index(None, "tenant_id", "name", "id"),
        Index("uq_site_external_id", "tenant_id", "external_id", unique=True),
    )

    @property
    def place(self) -> Place:
        return Place(self.tenant_id, self.organization_id, self.id)
