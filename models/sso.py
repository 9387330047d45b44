"""Single sign-on: the providers a tenant trusts, and who somebody known to one of them is here."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import TenantRow, Versioned, within


class IdentityProvider(Versioned):
    """An OpenID provider of a tenant.

    ``roles`` maps the provider's groups to names of roles. ``domains`` are those of the addresses whose owners are
    offered it. ``client_secret`` is sealed.
    """

    __tablename__ = "identity_provider"

    slug: Mapped[str]
    label: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    client_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    signing_algorithm: Mapped[str] = mapped_column(default="RS256", server_default="RS256")
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String()), server_default="{}")
    domains: Mapped[list[str]] = mapped_column(ARRAY(String()), server_default="{}")
    group_claim: Mapped[str | None]
    roles: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    provisions: Mapped[bool] = mapped_column(server_default="false")

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        Index(
            "uq_identity_provider_slug", "tenant_id", "slug", unique=True, postgresql_where=text("archived_at is null")
        ),
    )


class StaffIdentity(TenantRow):
    """The user whom a provider knows as ``subject``."""

    __tablename__ = "staff_identity"

    provider_id: Mapped[uuid.UUID]
    issuer: Mapped[str]
    subject: Mapped[str]
    user_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        within("provider_id", to="identity_provider"),
        within("user_id", to="app_user"),
        UniqueConstraint("tenant_id", "issuer", "subject"),
        Index(None, "tenant_id", "user_id"),
    )
