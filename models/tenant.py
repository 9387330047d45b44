"""The company that runs Portico for its clients."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, named, new_id
from models.place import Place


class TenantStatus(enum.StrEnum):
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


class Tenant(Base):
    __tablename__ = "tenant"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    status: Mapped[TenantStatus] = mapped_column(named(TenantStatus), default=TenantStatus.ACTIVE)
    time_zone: Mapped[str] = mapped_column(default="UTC", server_default="UTC")
    currency: Mapped[str] = mapped_column(default="USD", server_default="USD")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    archived_at: Mapped[datetime | None]

    __mapper_args__ = MappingProxyType({"version_id_col": version, "eager_defaults": True})

    @property
    def place(self) -> Place:
        return Place(self.id)
