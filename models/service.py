"""What the company offers, and which organizations it is offered to."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped

from models.base import Versioned, within
from models.organization import folded


class Service(Versioned):
    """One kind of work of the tenant's catalog."""

    __tablename__ = "service"

    name: Mapped[str]
    description: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        CheckConstraint("length(name) between 1 and 191", name="name_length"),
        Index(None, "tenant_id", "name", "id"),
    )


Index(
    "uq_service_name",
    Service.__table__.c.tenant_id,
    folded(Service.__table__.c.name),
    unique=True,
    postgresql_where=Service.__table__.c.archived_at.is_(None),
)


class ServiceSubscription(Versioned):
    """A service an organization's people may ask for."""

    __tablename__ = "service_subscription"

    organization_id: Mapped[uuid.UUID]
    service_id: Mapped[uuid.UUID]

    __table_args__ = (
        within("organization_id", to="organization"),
        within("service_id", to="service"),
        Index(
            "uq_service_subscription_live",
            "tenant_id",
            "organization_id",
            "service_id",
            unique=True,
            postgresql_where=text("archived_at is null"),
        ),
        Index(None, "tenant_id", "organization_id", "created_at", "id"),
        Index(None, "tenant_id", "service_id"),
    )
