"""Second factors, passkeys, and attempts counted for all processes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLE = "portico_app"
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
PRIVILEGES = "select, insert, update, delete"
BEHIND_THE_WALL = ("authenticator", "passkey", "recovery_code")
SHARED = ("sign_in_attempt", "sign_in_challenge")


def _protect() -> None:
    """The graph reads none of these, so its reader has no business with them."""
    for table in BEHIND_THE_WALL:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_wall on {table} using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
    for table in (*BEHIND_THE_WALL, *SHARED):
        op.execute(f"grant {PRIVILEGES} on {table} to {ROLE}")


def upgrade() -> None:
    need = sa.Enum(
        "SECOND_FACTOR",
        "NEW_PASSWORD",
        "FACTOR_ENROLMENT",
        name="sessionneed",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.add_column("session", sa.Column("needs", need, nullable=True))
    op.add_column("session", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("session", sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "authenticator",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_authenticator_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_authenticator")),
    )
    for name, condition in (("confirmed", "confirmed_at is not null"), ("begun", "confirmed_at is null")):
        op.create_index(
            f"uq_authenticator_{name}",
            "authenticator",
            ["tenant_id", "user_id"],
            unique=True,
            postgresql_where=sa.text(condition),
        )
    op.create_table(
        "passkey",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.TEXT()), server_default="{}", nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["app_user.tenant_id", "app_user.id"], name=op.f("fk_passkey_tenant_id_user_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("tenant_id", "credential_id", name=op.f("uq_passkey_tenant_id_credential_id")),
    )
    op.create_index(op.f("ix_passkey_tenant_id_user_id"), "passkey", ["tenant_id", "user_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_recovery_code_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("tenant_id", "code_hash", name=op.f("uq_recovery_code_tenant_id_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_tenant_id_user_id"), "recovery_code", ["tenant_id", "user_id"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("familiar_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempt")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_sign_in_attempt_last_at"), "sign_in_attempt", ["last_at"], unique=False)
    op.create_table(
        "sign_in_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_challenge")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_sign_in_challenge_expires_at"), "sign_in_challenge", ["expires_at"], unique=False)
    _protect()


def downgrade() -> None:
    for table in (*SHARED, *BEHIND_THE_WALL):
        op.drop_table(table)
    for column in ("authenticated_at", "last_seen_at", "needs"):
        op.drop_column("session", column)
