"""What clients read: a report about one site and one period."""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Versioned, named, within


class ReportKind(enum.StrEnum):
    ACTIVITY = "ACTIVITY"
    INCIDENT = "INCIDENT"
    INSPECTION = "INSPECTION"
    PERFORMANCE = "PERFORMANCE"


class ReportStatus(enum.StrEnum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"


class Report(Versioned):
    """``figures`` are what is drawn: [{"title": ..., "unit": ..., "points": [{"label": ..., "value": "12.5"}]}]."""

    __tablename__ = "report"

    organization_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID]
    job_id: Mapped[uuid.UUID | None]
    kind: Mapped[ReportKind] = mapped_column(named(ReportKind))
    status: Mapped[ReportStatus] = mapped_column(named(ReportStatus), default=ReportStatus.DRAFT)
    title: Mapped[str]
    summary: Mapped[str | None]
    body: Mapped[str | None]
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    period_start: Mapped[date]
    period_end: Mapped[date]
    published_at: Mapped[datetime | None]
    internal_notes: Mapped[str | None]
    external_id: Mapped[str | None]

    __table_args__ = (
        within("organization_id", "site_id", to="site"),
        within("organization_id", "job_id", to="job"),
        CheckConstraint("period_end >= period_start", name="period"),
        Index(None, "tenant_id", "site_id", "period_start", "id"),
        Index(None, "tenant_id", "organization_id", "period_start", "id"),
        Index(None, "tenant_id", "job_id", "period_start", "id"),
        Index(None, "tenant_id", "period_start", "id"),
        Index("uq_report_external_id", "tenant_id", "external_id", unique=True),
    )
