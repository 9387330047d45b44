"""A change of a contact that its client proposes and the staff decides upon."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Enum, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Versioned, named, within
from models.contact import ContactChannel


class ChangeRequestStatus(enum.StrEnum):
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


class ContactField(enum.StrEnum):
    """What can be proposed of a contact."""

    NAME = "NAME"
    JOB_TITLE = "JOB_TITLE"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    PRIVATE_PHONE = "PRIVATE_PHONE"
    PREFERRED_CHANNEL = "PREFERRED_CHANNEL"


class ChangeRequest(Versioned):
    """The proposed values stand in columns called as the contact's; ``changed_fields`` says which of them count.

    ``contact_version`` is the contact's when the change was proposed: it is approved for that version or not at all.
    """

    __tablename__ = "change_request"

    organization_id: Mapped[uuid.UUID]
    site_id: Mapped[uuid.UUID | None]
    contact_id: Mapped[uuid.UUID]
    contact_version: Mapped[int]
    proposed_by_id: Mapped[uuid.UUID]
    status: Mapped[ChangeRequestStatus] = mapped_column(named(ChangeRequestStatus), default=ChangeRequestStatus.PENDING)
    changed_fields: Mapped[list[ContactField]] = mapped_column(
        ARRAY(Enum(ContactField, native_enum=False, create_constraint=False)), default=list, server_default="{}"
    )
    name: Mapped[str | None]
    job_title: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    private_phone: Mapped[str | None]
    preferred_channel: Mapped[ContactChannel | None] = mapped_column(named(ContactChannel))
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        within("organization_id", to="organization"),
        within("organization_id", "site_id", to="site"),
        within("contact_id", to="contact"),
        within("proposed_by_id", to="app_user"),
        CheckConstraint(
            "changed_fields <@ array['NAME', 'JOB_TITLE', 'EMAIL', 'PHONE', 'PRIVATE_PHONE',"
            " 'PREFERRED_CHANNEL']::varchar[]",
            name="changed_fields",
        ),
        Index(None, "tenant_id", "organization_id", "created_at", "id"),
        Index(None, "tenant_id", "contact_id", "created_at", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )
