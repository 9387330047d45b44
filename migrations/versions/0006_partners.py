"""Partner applications, their secrets and their budgets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROLE = "portico_app"
READER = "portico_reader"
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
TABLES = ("partner_application", "partner_secret", "partner_budget")
READ_BY_THE_GRAPH = ("partner_application", "partner_secret")
# Kinds are texts with a check: by constraint, its table, the kinds there were and the one that is new.
KINDS = {
    "userkind": ("app_user", ("STAFF", "PORTAL"), "PARTNER"),
    "grantkind": ("access_grant", ("ROLE", "FEATURE", "PERMISSION"), "SCOPE"),
    "sessionkind": ("session", ("BROWSER", "TOKEN"), "PARTNER"),
}


def _choice(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def _versioned() -> list[sa.Column[object]]:
    now = sa.text("now()")
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _allow(name: str, table: str, kinds: tuple[str, ...]) -> None:
    constraint = op.f(f"ck_{table}_{name}")
    op.drop_constraint(constraint, table, type_="check")
    op.create_check_constraint(constraint, table, f"kind in ({', '.join(repr(one) for one in kinds)})")


def _protect() -> None:
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_wall on {table} using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant select, insert, update on {table} to {ROLE}")
    for table in READ_BY_THE_GRAPH:
        op.execute(f"grant select on {table} to {READER}")
        op.execute(f"create policy compiled_reads on {table} for select to {READER} using (true)")


def upgrade() -> None:
    op.create_table(
        "partner_application",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("status", _choice("partnerstatus", "ACTIVE", "DISABLED"), nullable=False),
        sa.Column("environment", _choice("partnerenvironment", "LIVE", "SANDBOX"), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.TEXT()), nullable=True),
        sa.Column("bucket", sa.Integer(), server_default="10000", nullable=False),
        sa.Column("restore_rate", sa.Integer(), server_default="500", nullable=False),
        *_versioned(),
        sa.CheckConstraint("bucket > 0 and restore_rate > 0", name=op.f("ck_partner_application_budget")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["app_user.tenant_id", "app_user.id"], name=op.f("fk_partner_application_tenant_id_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_partner_application")),
        sa.UniqueConstraint("tenant_id", "client_id", name=op.f("uq_partner_application_tenant_id_client_id")),
    )
    op.create_index(
        op.f("ix_partner_application_tenant_id_name_id"),
        "partner_application",
        ["tenant_id", "name", "id"],
        unique=False,
    )
    op.create_table(
        "partner_secret",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        *_versioned(),
        sa.CheckConstraint("slot in (1, 2)", name=op.f("ck_partner_secret_slot")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["partner_application.tenant_id", "partner_application.id"],
            name=op.f("fk_partner_secret_tenant_id_application_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_partner_secret")),
    )
    op.create_index(
        op.f("ix_partner_secret_tenant_id_application_id_created_at_id"),
        "partner_secret",
        ["tenant_id", "application_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_partner_secret_slot",
        "partner_secret",
        ["tenant_id", "application_id", "slot"],
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )
    op.create_table(
        "partner_budget",
        sa.Column("available", sa.Double, nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_partner_budget")),
        prefixes=["UNLOGGED"],
    )
    op.add_column("session", sa.Column("scopes", postgresql.ARRAY(sa.TEXT()), nullable=True))
    op.add_column("session", sa.Column("partner_secret_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_session_tenant_id_partner_secret_id"),
        "session",
        "partner_secret",
        ["tenant_id", "partner_secret_id"],
        ["tenant_id", "id"],
    )
    for name, (table, kinds, new) in KINDS.items():
        _allow(name, table, (*kinds, new))
    op.create_check_constraint(
        op.f("ck_app_user_partner_has_no_password"), "app_user", "kind <> 'PARTNER' or password_hash is null"
    )
    _protect()


def downgrade() -> None:
    op.drop_constraint(op.f("ck_app_user_partner_has_no_password"), "app_user", type_="check")
    for name, (table, kinds, _) in KINDS.items():
        _allow(name, table, kinds)
    op.drop_constraint(op.f("fk_session_tenant_id_partner_secret_id"), "session", type_="foreignkey")
    for column in ("partner_secret_id", "scopes"):
        op.drop_column("session", column)
    for table in reversed(TABLES):
        op.drop_table(table)
