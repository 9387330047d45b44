"""The client: a company or an individual served at its sites."""

from __future__ import annotations

import enum
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKeyConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Versioned, named, within
from models.place import Place


class OrganizationStatus(enum.StrEnum):
    PROSPECT = "PROSPECT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ARCHIVED = "ARCHIVED"


class OrganizationKind(enum.StrEnum):
    COMPANY = "COMPANY"
    INDIVIDUAL = "INDIVIDUAL"


class Location(enum.StrEnum):
    """Local clients get simplified billing and tax; foreign ones may be billed in their own currency."""

    LOCAL = "LOCAL"
    FOREIGN = "FOREIGN"


class PaymentTerms(enum.StrEnum):
    NET = "NET"
    MFI = "MFI"
    CUSTOM = "CUSTOM"
    IMMEDIATE = "IMMEDIATE"


class Organization(Versioned):
    __tablename__ = "organization"

    legal_name: Mapped[str]
    short_name: Mapped[str]
    status: Mapped[OrganizationStatus] = mapped_column(named(OrganizationStatus), default=OrganizationStatus.PROSPECT)
    kind: Mapped[OrganizationKind] = mapped_column(named(OrganizationKind), default=OrganizationKind.COMPANY)
    location: Mapped[Location] = mapped_column(named(Location), default=Location.LOCAL)
    industry: Mapped[str | None]
    company_type: Mapped[str | None]
    description: Mapped[str | None]
    website: Mapped[str | None]
    registration_number: Mapped[str | None]
    tax_number: Mapped[str | None]
    vat_number: Mapped[str | None]
    new_business_year: Mapped[int | None]
    payment_terms: Mapped[PaymentTerms | None] = mapped_column(named(PaymentTerms))
    payment_days: Mapped[int | None]
    billing_currency: Mapped[str] = mapped_column(default="USD", server_default="USD")
    billing_email: Mapped[str | None]
    remittance_details: Mapped[str | None]
    internal_notes: Mapped[str | None]
    owner_id: Mapped[uuid.UUID | None]
    external_id: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        within("owner_id", to="app_user", deferred="alter"),
        CheckConstraint("length(legal_name) between 2 and 191", name="legal_name_length"),
        CheckConstraint("length(short_name) between 2 and 191", name="short_name_length"),
        CheckConstraint("new_business_year between 2015 and 9999", name="new_business_year"),
        Index(None, "tenant_id", "short_name", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )

    @property
    def place(self) -> Place:
        return Place(self.tenant_id, self.id)


def folded(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The form in which names are compared: without case and without spaces."""
    return func.replace(func.lower(column), " ", "")


for _name in ("legal_name", "short_name"):
    Index(
        f"uq_organization_{_name}",
        Organization.__table__.c.tenant_id,
        folded(Organization.__table__.c[_name]),
        unique=True,
        postgresql_where=Organization.__table__.c.archived_at.is_(None),
    )
Index(
    "uq_organization_external_id",
    Organization.__table__.c.tenant_id,
    Organization.__table__.c.external_id,
    unique=True,
)
