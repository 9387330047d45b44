"""The commercial agreement: for a whole organization, or for one of its sites."""

from __future__ import annotations

import enum
import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Versioned, named, within


class ContractStatus(enum.StrEnum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    EXPIRING = "EXPIRING"
    TERMINATED = "TERMINATED"


class InvoicingCadence(enum.StrEnum):
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"


class OvertimePolicy(enum.StrEnum):
    NONE = "NONE"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"


class Contract(Versioned):
    __tablename__ = "contract"

    organization_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID | None]
    reference: Mapped[str]
    title: Mapped[str]
    status: Mapped[ContractStatus] = mapped_column(named(ContractStatus), default=ContractStatus.DRAFT)
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    cadence: Mapped[InvoicingCadence] = mapped_column(named(InvoicingCadence), default=InvoicingCadence.MONTHLY)
    overtime_policy: Mapped[OvertimePolicy] = mapped_column(named(OvertimePolicy), default=OvertimePolicy.NONE)
    currency: Mapped[str] = mapped_column(default="USD", server_default="USD")
    base_rate: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    weekend_multiplier: Mapped[Decimal | None] = mapped_column(Numeric(6, 3))
    holiday_multiplier: Mapped[Decimal | None] = mapped_column(Numeric(6, 3))
    commercial_terms: Mapped[str | None]
    internal_notes: Mapped[str | None]
    external_id: Mapped[str | None]

    __table_args__ = (
        within("organization_id", to="organization"),
        within("organization_id", "site_id", to="site"),
        UniqueConstraint("tenant_id", "organization_id", "id"),
        UniqueConstraint("tenant_id", "reference"),
        CheckConstraint("end_on is null or end_on >= start_on", name="ends_after_start"),
        CheckConstraint("base_rate >= 0", name="base_rate"),
        Index(None, "tenant_id", "organization_id", "start_on", "id"),
        Index(None, "tenant_id", "site_id", "start_on", "id"),
        Index(None, "tenant_id", "start_on", "id"),
        Index("uq_contract_external_id", "tenant_id", "external_id", unique=True),
    )
