"""Invitations, one-time secrets and the mail that carries them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLE = "portico_app"
READER = "portico_reader"
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
# Invitations are history. A secret and a letter that have served their purpose are forgotten one day.
PRIVILEGES = {
    "invitation": "select, insert, update",
    "one_time_secret": "select, insert, update, delete",
    "mail": "select, insert, update, delete",
}
WRITTEN_TO = ("contact", "app_user")


def _named(kind: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=kind, native_enum=False, create_constraint=True, length=32)


def _protect() -> None:
    for table, privileges in PRIVILEGES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_wall on {table} using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {privileges} on {table} to {ROLE}")
    op.execute(f"grant select on invitation to {READER}")
    op.execute(f"create policy compiled_reads on invitation for select to {READER} using (true)")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_tenant_id_{column}")
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], name=name)


def upgrade() -> None:
    for table in WRITTEN_TO:
        language = sa.Column("language", _named("language", "EN", "DE", "ES"), server_default="EN", nullable=False)
        op.add_column(table, language)
    op.create_table(
        "invitation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("portal_user_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=True),
        sa.Column("delivery", _named("invitationdelivery", "LINK", "TEMPORARY_PASSWORD"), nullable=False),
        sa.Column("status", _named("invitationstatus", "PENDING", "ACCEPTED", "REPLACED", "CANCELLED"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(status = 'PENDING') = (ended_at is null)", name=op.f("ck_invitation_ended")),
        _key("invitation", "organization_id", "organization"),
        _key("invitation", "user_id", "app_user"),
        _key("invitation", "portal_user_id", "portal_user"),
        _key("invitation", "contact_id", "contact"),
        _key("invitation", "invited_by_id", "app_user"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_invitation")),
    )
    op.create_index(
        "uq_invitation_pending",
        "invitation",
        ["tenant_id", "portal_user_id"],
        unique=True,
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    for column in ("organization_id", "portal_user_id"):
        columns = ["tenant_id", column, "created_at", "id"]
        op.create_index(op.f(f"ix_invitation_{'_'.join(columns)}"), "invitation", columns, unique=False)
    op.create_table(
        "one_time_secret",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            _named("secretpurpose", "INVITATION", "TEMPORARY_PASSWORD", "RESET", "EMAIL_CHANGE"),
            nullable=False,
        ),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(purpose = 'EMAIL_CHANGE') = (email is not null)", name=op.f("ck_one_time_secret_new_address")
        ),
        sa.CheckConstraint(
            "(purpose in ('INVITATION', 'TEMPORARY_PASSWORD')) = (invitation_id is not null)",
            name=op.f("ck_one_time_secret_invitation"),
        ),
        _key("one_time_secret", "user_id", "app_user"),
        _key("one_time_secret", "invitation_id", "invitation"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_one_time_secret")),
        sa.UniqueConstraint("tenant_id", "secret_hash", name=op.f("uq_one_time_secret_tenant_id_secret_hash")),
    )
    op.create_index(
        op.f("ix_one_time_secret_tenant_id_user_id"), "one_time_secret", ["tenant_id", "user_id"], unique=False
    )
    op.create_index(op.f("ix_one_time_secret_expires_at"), "one_time_secret", ["expires_at"], unique=False)
    op.create_table(
        "mail",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_id", sa.Uuid(), nullable=True),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("language", _named("language", "EN", "DE", "ES"), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("status", _named("mailstatus", "PENDING", "SENT", "FAILED", "DROPPED"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("mail", "user_id", "app_user"),
        _key("mail", "secret_id", "one_time_secret"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_mail")),
    )
    op.create_index(op.f("ix_mail_tenant_id_created_at"), "mail", ["tenant_id", "created_at"], unique=False)
    op.create_index(op.f("ix_mail_tenant_id_user_id"), "mail", ["tenant_id", "user_id"], unique=False)
    _protect()


def downgrade() -> None:
    for table in reversed(PRIVILEGES):
        op.drop_table(table)
    for table in reversed(WRITTEN_TO):
        op.drop_column(table, "language")
