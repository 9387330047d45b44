"""A person at a client."""

from __future__ import annotations

import enum
import uuid

from sqlalchemy import CheckConstraint, Enum, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Versioned, named, within
from models.language import Language


class ContactDesignation(enum.StrEnum):
    SECONDARY = "SECONDARY"
    EMERGENCY = "EMERGENCY"
    TECHNICAL = "TECHNICAL"
    BILLING = "BILLING"


class ContactChannel(enum.StrEnum):
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    SMS = "SMS"


class Contact(Versioned):
    __tablename__ = "contact"

    organization_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID | None]
    name: Mapped[str]
    job_title: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    private_phone: Mapped[str | None]
    preferred_channel: Mapped[ContactChannel] = mapped_column(named(ContactChannel), default=ContactChannel.EMAIL)
    language: Mapped[Language] = mapped_column(named(Language), default=Language.EN, server_default="EN")
    is_primary: Mapped[bool] = mapped_column(default=False, server_default="false")
    designations: Mapped[list[ContactDesignation]] = mapped_column(
        ARRAY(Enum(ContactDesignation, native_enum=False, create_constraint=False)), default=list, server_default="{}"
    )
    internal_notes: Mapped[str | None]
    external_id: Mapped[str | None]

    __table_args__ = (
        within("organization_id", to="organization"),
        within("organization_id", "site_id", to="site"),
        CheckConstraint(
            "designations <@ array['SECONDARY', 'EMERGENCY', 'TECHNICAL', 'BILLING']::varchar[]",
            name="designations",
        ),
        Index(
            "uq_contact_primary",
            "tenant_id",
            "organization_id",
            unique=True,
            postgresql_where=text("is_primary and archived_at is null"),
        ),
        Index(None, "tenant_id", "organization_id", "name", "id"),
        Index(None, "tenant_id", "site_id", "name", "id"),
        Index(None, "tenant_id", "name", "id"),
        Index("uq_contact_external_id", "tenant_id", "external_id", unique=True),
    )
