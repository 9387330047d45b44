"""Who of the staff looks after an organization, beside the one who owns the account."""

from __future__ import annotations

import uuid

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from models.base import Versioned, within


class AccountManager(Versioned):
    __tablename__ = "account_manager"

    organization_id: Mapped[uuid.UUID]
    user_id: Mapped[uuid.UUID]

    __table_args__ = (
        within("organization_id", to="organization"),
        within("user_id", to="app_user"),
        Index(
            "uq_account_manager_live",
            "tenant_id",
            "organization_id",
            "user_id",
            unique=True,
            postgresql_where=text("archived_at is null"),
        ),
        Index(None, "tenant_id", "organization_id", "created_at", "id"),
    )
