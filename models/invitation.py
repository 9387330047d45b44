"""How people come by a way in: invitations and their history, one-time secrets, and the mail that carries them."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import TenantRow, Versioned, named, within
from models.language import Language


class InvitationDelivery(enum.StrEnum):
    """What the mail of an invitation holds: a link to choose a password, or a password for one sign-in."""

    LINK = "LINK"
    TEMPORARY_PASSWORD = "TEMPORARY_PASSWORD"  # noqa: S105 (a way of delivery, no secret)


class InvitationStatus(enum.StrEnum):
    """One that nobody used in time stays pending; that it has expired is told by its date."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REPLACED = "REPLACED"
    CANCELLED = "CANCELLED"


class Invitation(Versioned):
    """One letter of invitation to a portal user. None is ever removed: together they are the history."""

    __tablename__ = "invitation"

    organization_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]
    portal_user_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID]
    invited_by_id: Mapped[uuid.UUID | None]
    delivery: Mapped[InvitationDelivery] = mapped_column(named(InvitationDelivery))
    status: Mapped[InvitationStatus] = mapped_column(named(InvitationStatus), default=InvitationStatus.PENDING)
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        within("organization_id", to="organization"),
        within("user_id", to="app_user"),
        within("portal_user_id", to="portal_user"),
        within("contact_id", to="contact"),
        within("invited_by_id", to="app_user"),
        CheckConstraint("(status = 'PENDING') = (ended_at is null)", name="ended"),
        Index(
            "uq_invitation_pending",
            "tenant_id",
            "portal_user_id",
            unique=True,
            postgresql_where=text("status = 'PENDING'"),
        ),
        Index(None, "tenant_id", "organization_id", "created_at", "id"),
        Index(None, "tenant_id", "portal_user_id", "created_at", "id"),
    )


class SecretPurpose(enum.StrEnum):
    """What a one-time secret is good for, and nothing else."""

    INVITATION = "INVITATION"
    TEMPORARY_PASSWORD = "TEMPORARY_PASSWORD"  # noqa: S105 (a purpose, no secret)
    RESET = "RESET"
    EMAIL_CHANGE = "EMAIL_CHANGE"


class OneTimeSecret(TenantRow):
    """A secret that works once. Its hash comes to lie here when its mail is sent; the secret itself lies nowhere."""

    __tablename__ = "one_time_secret"

    user_id: Mapped[uuid.UUID]
    purpose: Mapped[SecretPurpose] = mapped_column(named(SecretPurpose))
    invitation_id: Mapped[uuid.UUID | None]
    email: Mapped[str | None]
    secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        within("invitation_id", to="invitation"),
        CheckConstraint("(purpose = 'EMAIL_CHANGE') = (email is not null)", name="new_address"),
        CheckConstraint(
            "(purpose in ('INVITATION', 'TEMPORARY_PASSWORD')) = (invitation_id is not null)", name="invitation"
        ),
        UniqueConstraint("tenant_id", "secret_hash"),
        Index(None, "tenant_id", "user_id"),
        Index(None, "expires_at"),
    )


class MailStatus(enum.StrEnum):
    """Whether the mail server has taken a letter; one that is no longer meant is dropped, not sent."""

    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


class Mail(TenantRow):
    """A letter: to whom, in which language, and what its template shows. What is secret in it is not kept."""

    __tablename__ = "mail"

    user_id: Mapped[uuid.UUID]
    secret_id: Mapped[uuid.UUID | None]
    template: Mapped[str]
    language: Mapped[Language] = mapped_column(named(Language))
    address: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[MailStatus] = mapped_column(named(MailStatus), default=MailStatus.PENDING)
    failure: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        within("secret_id", to="one_time_secret"),
        Index(None, "tenant_id", "created_at"),
        Index(None, "tenant_id", "user_id"),
    )
