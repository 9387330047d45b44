"""What every row has in common: keys that begin with the tenant, a version, and three times."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any, ClassVar, Literal

import uuid_utils.compat
from sqlalchemy import DateTime, Enum, ForeignKeyConstraint, MetaData, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from models.place import Place

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> uuid.UUID:
    """A time-ordered UUID (version 7): unguessable, yet neighbours stay neighbours in the index."""
    return uuid_utils.compat.uuid7()


def named(kind: type[enum.StrEnum]) -> Enum:
    """An enum column stored as text with a check, so that adding a member is an ordinary migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=kind.__name__.lower(),
        values_callable=_values,
    )


def _values(members: type[enum.StrEnum]) -> list[str]:
    return [member.value for member in members]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        uuid.UUID: Uuid(),
    }


class TenantRow(Base):
    """A row behind the tenant wall: its primary key begins with the tenant."""

    __abstract__ = True

    tenant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)


class Versioned(TenantRow):
    """A row people edit: it counts its writes and knows when it was created, updated and archived."""

    __abstract__ = True

    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    archived_at: Mapped[datetime | None]

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version, "eager_defaults": True}

    @property
    def place(self) -> Place:
        """Where permissions on this row are judged."""
        return Place(
            self.tenant_id,
            getattr(self, "organization_id", None),
            getattr(self, "site_id", None),
        )


def within(*columns: str, to: str, deferred: Literal["inline", "alter"] = "inline") -> ForeignKeyConstraint:
    """A foreign key that carries the tenant along, so that no row can refer to another tenant's.

    ``to`` names the table; the last of ``columns`` refers to its ``id``, the others to columns of the same name.
    ``alter`` adds the key after both tables exist, for tables that refer to each other.
    """
    *shared, last = columns
    target = [f"{to}.tenant_id", *(f"{to}.{name}" for name in shared), f"{to}.id"]
    return ForeignKeyConstraint(["tenant_id", *shared, last], target, use_alter=deferred == "alter")
