"""Who changed whose access, when, and from what to what: a chain in which every entry names the one before it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class AuditEntry(Base):
    """One change of access.

    ``sequence`` counts a tenant's entries without a gap, and ``hash`` is made of all the other columns with the hash of
    the entry before. ``user_id`` is whose access it was; the place is where it could be seen. There are no foreign keys
    beyond the tenant: what happened stays, whatever becomes of the rows it happened to.
    """

    __tablename__ = "audit_entry"

    tenant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    action: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    user_id: Mapped[uuid.UUID | None]
    subject_type: Mapped[str | None]
    subject_id: Mapped[uuid.UUID | None]
    organization_id: Mapped[uuid.UUID | None]
    site_id: Mapped[uuid.UUID | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        Index(None, "tenant_id", "user_id", "sequence"),
        Index(None, "tenant_id", "actor_id", "sequence"),
        Index(None, "tenant_id", "organization_id", "sequence"),
    )
