"""What proves who somebody is beside a password, and what is kept of attempts to guess it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, TenantRow, new_id, within


class Authenticator(TenantRow):
    """A generator of one-time codes. ``secret`` is encrypted; a code of ``last_step`` or before it is spent.

    One that is not confirmed counts for nothing: its owner has yet to show that it was set up.
    """

    __tablename__ = "authenticator"

    user_id: Mapped[uuid.UUID]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_at: Mapped[datetime | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        Index(
            "uq_authenticator_confirmed",
            "tenant_id",
            "user_id",
            unique=True,
            postgresql_where=text("confirmed_at is not null"),
        ),
        Index(
            "uq_authenticator_begun",
            "tenant_id",
            "user_id",
            unique=True,
            postgresql_where=text("confirmed_at is null"),
        ),
    )


class Passkey(TenantRow):
    """A key pair in somebody's keeping; we know the public half. ``label`` is what they call it."""

    __tablename__ = "passkey"

    user_id: Mapped[uuid.UUID]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    transports: Mapped[list[str]] = mapped_column(ARRAY(TEXT()), server_default="{}")
    label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        UniqueConstraint("tenant_id", "credential_id"),
        Index(None, "tenant_id", "user_id"),
    )


class RecoveryCode(TenantRow):
    """A code for the day all else is lost; it is kept as a hash and works once."""

    __tablename__ = "recovery_code"

    user_id: Mapped[uuid.UUID]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        UniqueConstraint("tenant_id", "code_hash"),
        Index(None, "tenant_id", "user_id"),
    )


class SignInAttempt(Base):
    """How often something was tried, by a keyed hash of an account, a network or both.

    It belongs to no tenant, since whoever tries has none yet. After a crash the table is empty, and the counting starts
    anew; it is not worth a write to disk for every guess of a flood.
    """

    __tablename__ = "sign_in_attempt"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    count: Mapped[int] = mapped_column(default=0, server_default="0")
    last_at: Mapped[datetime]
    until_at: Mapped[datetime]
    familiar_until: Mapped[datetime | None]

    __table_args__ = (Index(None, "last_at"), {"prefixes": ["UNLOGGED"]})


class SignInChallenge(Base):
    """What a passkey is asked to sign: once, within minutes, and by the session it was made for if there is one."""

    __tablename__ = "sign_in_challenge"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    session_id: Mapped[uuid.UUID | None]
    expires_at: Mapped[datetime]

    __table_args__ = (Index(None, "expires_at"), {"prefixes": ["UNLOGGED"]})
