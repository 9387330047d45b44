"""What somebody should know or do, told to them alone."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Versioned, named, within


class NotificationKind(enum.StrEnum):
    JOB_REQUESTED = "JOB_REQUESTED"
    JOB_REQUEST_WITHDRAWN = "JOB_REQUEST_WITHDRAWN"
    JOB_SCHEDULED = "JOB_SCHEDULED"
    JOB_COMPLETED = "JOB_COMPLETED"
    JOB_CANCELLED = "JOB_CANCELLED"
    CHANGE_PROPOSED = "CHANGE_PROPOSED"
    CHANGE_APPROVED = "CHANGE_APPROVED"
    CHANGE_DECLINED = "CHANGE_DECLINED"


class Notification(Versioned):
    """A notice to one user. It holds no words: what it is about is read under the rights of whoever reads it."""

    __tablename__ = "notification"

    user_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID]
    kind: Mapped[NotificationKind] = mapped_column(named(NotificationKind))
    job_id: Mapped[uuid.UUID | None]
    change_request_id: Mapped[uuid.UUID | None]
    unread: Mapped[bool] = mapped_column(default=True, server_default="true")
    read_at: Mapped[datetime | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        within("organization_id", to="organization"),
        within("job_id", to="job"),
        within("change_request_id", to="change_request"),
        Index(None, "tenant_id", "user_id", "created_at", "id"),
    )
