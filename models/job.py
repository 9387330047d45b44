"""A piece of work at a site, and the organizations that take part in it."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Versioned, named, within


class JobStatus(enum.StrEnum):
    REQUESTED = "REQUESTED"
    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    ON_HOLD = "ON_HOLD"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class JobPriority(enum.StrEnum):
    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class PartyRole(enum.StrEnum):
    PRIMARY = "PRIMARY"
    STAKEHOLDER = "STAKEHOLDER"
    BILLING = "BILLING"
    TECHNICAL = "TECHNICAL"


NO_CONTRACT = uuid.UUID(int=0)


def _counted(*columns: str) -> Index:
    return Index(None, "tenant_id", *columns, postgresql_include=["archived_at"])


class Job(Versioned):
    """``timeline`` holds the states the job has come to and when, oldest first, as {"status": ..., "at": ...}.

    It is part of the row because it is seen by exactly those who see the row, and for longer than events are kept.
    """

    __tablename__ = "job"

    organization_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID]
    contract_id: Mapped[uuid.UUID | None]
    service_id: Mapped[uuid.UUID | None]
    requested_by_id: Mapped[uuid.UUID | None]
    reference: Mapped[str]
    title: Mapped[str]
    description: Mapped[str | None]
    status: Mapped[JobStatus] = mapped_column(named(JobStatus), default=JobStatus.REQUESTED)
    priority: Mapped[JobPriority] = mapped_column(named(JobPriority), default=JobPriority.NORMAL)
    scheduled_at: Mapped[datetime]
    duration_minutes: Mapped[int | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    currency: Mapped[str] = mapped_column(default="USD", server_default="USD")
    cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    internal_notes: Mapped[str | None]
    external_id: Mapped[str | None]
    timeline: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")

    __table_args__ = (
        within("organization_id", "site_id", to="site"),
        within("organization_id", "contract_id", to="contract"),
        within("service_id", to="service"),
        within("requested_by_id", to="app_user"),
        UniqueConstraint("tenant_id", "reference"),
        UniqueConstraint("tenant_id", "organization_id", "id"),
        CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint("duration_minutes > 0", name="duration"),
        # Jobs are many, and counted: whether one is archived is told by the index, without a look at its row.
        _counted("contract_id", "scheduled_at", "id"),
        _counted("site_id", "scheduled_at", "id"),
        _counted("organization_id", "scheduled_at", "id"),
        _counted("scheduled_at", "id"),
        Index("uq_job_external_id", "tenant_id", "external_id", unique=True),
    )


class JobCount(Base):
    """How many jobs of a contract at a site are not archived: the sum over the slots of the two.

    Triggers on ``job`` keep it, in the transaction that adds, archives or moves a job. A slot is changed by one
    transaction at a time; those who come meanwhile take another, so nobody waits for anybody. Jobs without a contract
    have ``NO_CONTRACT`` for it.
    """

    __tablename__ = "job_count"

    tenant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    site_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    contract_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    organization_id: Mapped[uuid.UUID]
    number: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        Index(None, "tenant_id", "contract_id"),
        Index(None, "tenant_id", "organization_id"),
        {"postgresql_with": {"fillfactor": 70}},
    )


class JobParty(Versioned):
    """An organization that takes part in a job; the job is visible to whoever may see that organization's jobs."""

    __tablename__ = "job_party"

    job_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID | None]
    role: Mapped[PartyRole] = mapped_column(named(PartyRole))

    __table_args__ = (
        within("job_id", to="job"),
        within("organization_id", to="organization"),
        within("contact_id", to="contact"),
        Index(
            "uq_job_party_role",
            "tenant_id",
            "job_id",
            "organization_id",
            "role",
            unique=True,
            postgresql_where=text("archived_at is null"),
        ),
        Index(
            "uq_job_party_primary",
            "tenant_id",
            "job_id",
            unique=True,
            postgresql_where=text("role = 'PRIMARY' and archived_at is null"),
        ),
        Index(None, "tenant_id", "organization_id", "job_id"),
    )
