"""Single sign-on, viewing as a portal user, the audit chain, and what engagement managers receive."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROLE = "portico_app"
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
SIGNING_IN = "(select nullif(current_setting('app.sign_in_email', true), '')) is not null"

# An entry of the audit trail is added and read, and neither changed nor deleted.
PRIVILEGES = {
    "audit_entry": "select, insert",
    "identity_provider": "select, insert, update",
    "staff_identity": "select, insert, update, delete",
}

# Engagement managers of before get what they would have been given when they became that.
BACKFILL = """
do $$ declare one uuid; begin
  perform set_config('app.sign_in_email', '-', true);
  for one in select id from tenant loop
    perform set_config('app.tenant', one::text, true);
    insert into access_grant (tenant_id, id, user_id, kind, name, organization_id, cause)
    select o.tenant_id, gen_random_uuid(), u.id, 'PERMISSION', 'mail.cto', o.id,
      'OWNER:' || replace(o.id::text, '-', '')
    from organization o
    join app_user u on u.tenant_id = o.tenant_id and u.id = o.owner_id
      and u.kind = 'STAFF' and u.archived_at is null
    where o.tenant_id = one and o.archived_at is null
    on conflict do nothing;
  end loop;
  perform set_config('app.tenant', '', true);
  perform set_config('app.sign_in_email', '', true);
end $$
"""


def _protect() -> None:
    for table, privileges in PRIVILEGES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_wall on {table} using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {privileges} on {table} to {ROLE}")
    # Who signs in is shown the ways there are before anybody knows whose tenant it is.
    op.execute(f"create policy beyond_the_tenant on identity_provider for select using ({SIGNING_IN})")


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("subject_type", sa.String(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_audit_entry_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_entry")),
    )
    for column in ("user_id", "actor_id", "organization_id"):
        op.create_index(
            op.f(f"ix_audit_entry_tenant_id_{column}_sequence"), "audit_entry", ["tenant_id", column, "sequence"]
        )
    op.create_table(
        "identity_provider",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=True),
        sa.Column("signing_algorithm", sa.String(), server_default="RS256", nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("domains", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("group_claim", sa.String(), nullable=True),
        sa.Column("roles", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("provisions", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_identity_provider_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_identity_provider")),
    )
    op.create_index(
        "uq_identity_provider_slug",
        "identity_provider",
        ["tenant_id", "slug"],
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )
    op.create_table(
        "staff_identity",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "provider_id"],
            ["identity_provider.tenant_id", "identity_provider.id"],
            name=op.f("fk_staff_identity_tenant_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_staff_identity_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_staff_identity")),
        sa.UniqueConstraint("tenant_id", "issuer", "subject", name=op.f("uq_staff_identity_tenant_id_issuer_subject")),
    )
    op.create_index(op.f("ix_staff_identity_tenant_id_user_id"), "staff_identity", ["tenant_id", "user_id"])
    for column in ("provider_id", "viewed_by", "viewed_from"):
        op.add_column("session", sa.Column(column, sa.Uuid(), nullable=True))
    for column, table in (("provider_id", "identity_provider"), ("viewed_by", "app_user")):
        op.create_foreign_key(
            op.f(f"fk_session_tenant_id_{column}"), "session", table, ["tenant_id", column], ["tenant_id", "id"]
        )
    op.create_check_constraint(op.f("ck_session_viewed"), "session", "(viewed_by is null) = (viewed_from is null)")
    op.create_index(
        op.f("ix_session_tenant_id_viewed_by"),
        "session",
        ["tenant_id", "viewed_by"],
        postgresql_where=sa.text("viewed_by is not null"),
    )
    _protect()
    op.execute(BACKFILL)


def downgrade() -> None:
    op.drop_index(op.f("ix_session_tenant_id_viewed_by"), table_name="session")
    op.drop_constraint(op.f("ck_session_viewed"), "session")
    for column in ("viewed_by", "provider_id"):
        op.drop_constraint(op.f(f"fk_session_tenant_id_{column}"), "session")
    for column in ("viewed_from", "viewed_by", "provider_id"):
        op.drop_column("session", column)
    for table in ("staff_identity", "identity_provider", "audit_entry"):
        op.drop_table(table)
