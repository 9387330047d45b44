"""The programs of partners: what they may ask for, the secrets they prove themselves with, and what they have spent."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Double, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from models.base import TenantRow, Versioned, named, within


class PartnerStatus(enum.StrEnum):
    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class PartnerEnvironment(enum.StrEnum):
    """Whether an application works on the company's records or on made-up ones."""

    LIVE = "LIVE"
    SANDBOX = "SANDBOX"


class PartnerApplication(Versioned):
    """A program of a partner. Its ``id`` is that of the user it acts as, whose grants are its scopes.

    ``fields`` are the names (``Site.name``) of the only fields it may ask for; null: all that its scopes show.
    ``bucket`` is how many points it can save up, ``restore_rate`` how many it is given a second.
    """

    __tablename__ = "partner_application"

    name: Mapped[str]
    client_id: Mapped[str]
    status: Mapped[PartnerStatus] = mapped_column(named(PartnerStatus), default=PartnerStatus.ACTIVE)
    environment: Mapped[PartnerEnvironment] = mapped_column(named(PartnerEnvironment), default=PartnerEnvironment.LIVE)
    fields: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT()))
    bucket: Mapped[int] = mapped_column(default=10_000, server_default="10000")
    restore_rate: Mapped[int] = mapped_column(default=500, server_default="500")

    __table_args__ = (
        within("id", to="app_user"),
        UniqueConstraint("tenant_id", "client_id"),
        CheckConstraint("bucket > 0 and restore_rate > 0", name="budget"),
        Index(None, "tenant_id", "name", "id"),
    )


class PartnerSecret(Versioned):
    """A secret of an application, kept as a hash. Ended means archived; the two ``slot`` hold the living ones."""

    __tablename__ = "partner_secret"

    application_id: Mapped[uuid.UUID]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    slot: Mapped[int]
    label: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (
        within("application_id", to="partner_application"),
        CheckConstraint("slot in (1, 2)", name="slot"),
        Index(
            "uq_partner_secret_slot",
            "tenant_id",
            "application_id",
            "slot",
            unique=True,
            postgresql_where=text("archived_at is null"),
        ),
        Index(None, "tenant_id", "application_id", "created_at", "id"),
    )


class PartnerBudget(TenantRow):
    """What an application had left when it last spent something (``id`` is the application's).

    After a crash the table is empty, and everybody begins with a full bucket; it is not worth a write to disk for every
    request.
    """

    __tablename__ = "partner_budget"

    available: Mapped[float] = mapped_column(Double)
    refilled_at: Mapped[datetime]

    __table_args__ = ({"prefixes": ["UNLOGGED"]},)
