"""What has happened: the append-only log every push, task and audit view is read from."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index, LargeBinary, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from models.base import Base, new_id


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


# Lets migrations be compared with the database without a warning about a type SQLAlchemy does not know.
cast("dict[str, Any]", ischema_names)["xid8"] = Xid8


class EventRecord(Base):
    """One fact about one node.

    ``seq`` orders the facts of an aggregate; ``xid`` says in which snapshots the fact is seen. The place is the node's
    after the fact; ``left`` the place it moved away from, ``also`` further organizations the node concerns. ``data``
    maps changed columns to [before, after]; it is for the audit and is never pushed.
    """

    __tablename__ = "event"

    tenant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[str] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    type: Mapped[str]
    node_type: Mapped[str]
    node_id: Mapped[uuid.UUID]
    version: Mapped[int]
    organization_id: Mapped[uuid.UUID | None]
    site_id: Mapped[uuid.UUID | None]
    hides: Mapped[bool] = mapped_column(server_default="false")
    left_organization_id: Mapped[uuid.UUID | None]
    left_site_id: Mapped[uuid.UUID | None]
    also: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid()), server_default="{}")
    actor_id: Mapped[uuid.UUID | None]
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        Index("ix_event_xid", "xid"),
        Index(None, "tenant_id", "node_id", "seq"),
    )


class EventLog(Base):
    """The incarnation of the log (one row): offsets of another incarnation, or before ``pruned_below``, are void."""

    __tablename__ = "event_log"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    incarnation: Mapped[uuid.UUID] = mapped_column(default=new_id)
    pruned_below: Mapped[str] = mapped_column(Xid8, server_default=text("'0'::xid8"))


class IdempotencyKey(Base):
    """The answer already given to a command, so that a repeated command changes nothing."""

    __tablename__ = "idempotency_key"

    tenant_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["app_user.tenant_id", "app_user.id"]),
        Index(None, "created_at"),
    )


class NodeLease(Base):
    """A server process that may be holding sockets. Changes of access wait for its word as long as it beats.

    ``beat`` grows with every renewal. A process whose beat has stood still for ``lease_ms`` has stopped sending by its
    own clock, so whoever waited that long may go on and remove the row. No two clocks are ever compared.
    """

    __tablename__ = "node_lease"

    node_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    beat: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    lease_ms: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
