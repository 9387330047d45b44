"""Who can sign in, what they were granted, and the sessions they hold open."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import TenantRow, Versioned, named, within


class UserKind(enum.StrEnum):
    STAFF = "STAFF"
    PORTAL = "PORTAL"


class UserStatus(enum.StrEnum):
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


class SessionKind(enum.StrEnum):
    BROWSER = "BROWSER"
    TOKEN = "TOKEN"  # noqa: S105 (a kind of session, no secret)


class User(Versioned):
    """An identity: one e-mail address of one tenant. ``organization_id`` is the home of a portal user."""

    __tablename__ = "app_user"

    kind: Mapped[UserKind] = mapped_column(named(UserKind))
    status: Mapped[UserStatus] = mapped_column(named(UserStatus), default=UserStatus.INVITED)
    name: Mapped[str]
    email: Mapped[str]
    organization_id: Mapped[uuid.UUID | None]
    password_hash: Mapped[str | None]
    last_sign_in_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        within("organization_id", to="organization"),
        CheckConstraint("(kind = 'PORTAL') = (organization_id is not null)", name="portal_user_has_home"),
        CheckConstraint("email = lower(email)", name="email_folded"),
        Index("uq_app_user_email", "tenant_id", "email", unique=True, postgresql_where=text("archived_at is null")),
        Index(None, "email"),
        Index(None, "tenant_id", "organization_id", "name", "id"),
        Index(None, "tenant_id", "name", "id"),
    )


class Membership(Versioned):
    """A user's place in the staff."""

    __tablename__ = "membership"

    user_id: Mapped[uuid.UUID]
    job_title: Mapped[str | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        Index("uq_membership_user", "tenant_id", "user_id", unique=True, postgresql_where=text("archived_at is null")),
    )


class PortalUser(Versioned):
    """A contact of a client who may use the portal."""

    __tablename__ = "portal_user"

    user_id: Mapped[uuid.UUID]
    organization_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID]

    __table_args__ = (
        within("user_id", to="app_user"),
        within("organization_id", to="organization"),
        within("contact_id", to="contact"),
        Index("uq_portal_user_user", "tenant_id", "user_id", unique=True, postgresql_where=text("archived_at is null")),
        Index(
            "uq_portal_user_contact",
            "tenant_id",
            "contact_id",
            unique=True,
            postgresql_where=text("archived_at is null"),
        ),
        Index(None, "tenant_id", "organization_id", "created_at", "id"),
    )


class GrantKind(enum.StrEnum):
    ROLE = "ROLE"
    FEATURE = "FEATURE"
    PERMISSION = "PERMISSION"


class Grant(Versioned):
    """A role, feature or permission (``name``) of a user at a tenant, organization or site. Revoked means archived."""

    __tablename__ = "access_grant"

    user_id: Mapped[uuid.UUID]
    kind: Mapped[GrantKind] = mapped_column(named(GrantKind))
    name: Mapped[str]
    organization_id: Mapped[uuid.UUID | None]
    site_id: Mapped[uuid.UUID | None]
    cause: Mapped[str] = mapped_column(default="MANUAL", server_default="MANUAL")

    __table_args__ = (
        within("user_id", to="app_user"),
        within("organization_id", to="organization"),
        within("organization_id", "site_id", to="site"),
        CheckConstraint("site_id is null or organization_id is not null", name="place"),
        Index(
            "uq_access_grant_live",
            "tenant_id",
            "user_id",
            "name",
            "organization_id",
            "site_id",
            "cause",
            unique=True,
            postgresql_where=text("archived_at is null"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "tenant_id", "organization_id", "created_at", "id"),
        Index(None, "tenant_id", "user_id", "created_at", "id"),
    )


class PermissionEpoch(TenantRow):
    """How often a user's rights have changed (``id`` is the user's). Bumped by every change of access."""

    __tablename__ = "permission_epoch"

    number: Mapped[int] = mapped_column(BigInteger, default=1, server_default="1")

    __table_args__ = (within("id", to="app_user"),)


class Session(TenantRow):
    """A sign-in or a bearer token. Only a hash of its secret is kept."""

    __tablename__ = "session"

    user_id: Mapped[uuid.UUID]
    kind: Mapped[SessionKind] = mapped_column(named(SessionKind))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        UniqueConstraint("tenant_id", "secret_hash"),
        Index(None, "tenant_id", "user_id"),
        Index(None, "expires_at"),
    )
