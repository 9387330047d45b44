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
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from models.base import TenantRow, Versioned, named, within
from models.language import Language


class UserKind(enum.StrEnum):
    STAFF = "STAFF"
    PORTAL = "PORTAL"
    PARTNER = "PARTNER"


class UserStatus(enum.StrEnum):
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


class SessionKind(enum.StrEnum):
    BROWSER = "BROWSER"
    TOKEN = "TOKEN"  # noqa: S105 (a kind of session, no secret)
    PARTNER = "PARTNER"


class SessionNeed(enum.StrEnum):
    """What the person must do before a session can act."""

    SECOND_FACTOR = "SECOND_FACTOR"
    NEW_PASSWORD = "NEW_PASSWORD"  # noqa: S105 (something to be done, no secret)
    FACTOR_ENROLMENT = "FACTOR_ENROLMENT"


class User(Versioned):
    """An identity: one e-mail address of one tenant. ``organization_id`` is the home of a portal user."""

    __tablename__ = "app_user"

    kind: Mapped[UserKind] = mapped_column(named(UserKind))
    status: Mapped[UserStatus] = mapped_column(named(UserStatus), default=UserStatus.INVITED)
    name: Mapped[str]
    email: Mapped[str]
    language: Mapped[Language] = mapped_column(named(Language), default=Language.EN, server_default="EN")
    organization_id: Mapped[uuid.UUID | None]
    password_hash: Mapped[str | None]
    last_sign_in_at: Mapped[datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        within("organization_id", to="organization"),
        CheckConstraint("(kind = 'PORTAL') = (organization_id is not null)", name="portal_user_has_home"),
        CheckConstraint("email = lower(email)", name="email_folded"),
        CheckConstraint("kind <> 'PARTNER' or password_hash is null", name="partner_has_no_password"),
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
    SCOPE = "SCOPE"


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
    """A sign-in or a bearer token. Only a hash of its secret is kept.

    With ``needs`` it stands for nobody in the graph. ``authenticated_at`` is when the person last proved who they are,
    ``last_seen_at`` is coarse: it lags by minutes. ``provider_id`` is where it was signed in by single sign-on.

    With ``viewed_by`` a member of the staff looks through the eyes of the user, for as long as ``viewed_from``, the
    session in which they began, is open.

    A partner's has ``partner_secret_id``, what it was opened with; ``scopes`` narrows it to some of the application's.
    """

    __tablename__ = "session"

    user_id: Mapped[uuid.UUID]
    kind: Mapped[SessionKind] = mapped_column(named(SessionKind))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    needs: Mapped[SessionNeed | None] = mapped_column(named(SessionNeed))
    last_seen_at: Mapped[datetime | None]
    authenticated_at: Mapped[datetime | None]
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT()))
    partner_secret_id: Mapped[uuid.UUID | None]
    provider_id: Mapped[uuid.UUID | None]
    viewed_by: Mapped[uuid.UUID | None]
    viewed_from: Mapped[uuid.UUID | None]

    __table_args__ = (
        within("user_id", to="app_user"),
        within("provider_id", to="identity_provider"),
        within("viewed_by", to="app_user"),
        within("partner_secret_id", to="partner_secret"),
        CheckConstraint("(viewed_by is null) = (viewed_from is null)", name="viewed"),
        UniqueConstraint("tenant_id", "secret_hash"),
        Index(None, "tenant_id", "user_id"),
        Index(None, "expires_at"),
        Index(None, "tenant_id", "viewed_by", postgresql_where=text("viewed_by is not null")),
    )
