"""The spine: every table of the core model, and row-level security on each that holds tenants' data."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.event import Xid8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


ROLE = "portico_app"
READER = "portico_reader"
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
EMAIL = "(select nullif(current_setting('app.sign_in_email', true), ''))"
RELAY = "(select current_setting('app.relay', true)) = 'on'"

# What a serving process may do, table by table. Nothing is deleted but what has no history.
PRIVILEGES = {
    "tenant": "select, insert, update",
    "organization": "select, insert, update",
    "site": "select, insert, update",
    "contact": "select, insert, update",
    "contract": "select, insert, update",
    "job": "select, insert, update",
    "job_party": "select, insert, update",
    "report": "select, insert, update",
    "app_user": "select, insert, update",
    "membership": "select, insert, update",
    "portal_user": "select, insert, update",
    "access_grant": "select, insert, update",
    "permission_epoch": "select, insert, update",
    "session": "select, insert, update, delete",
    "idempotency_key": "select, insert, update, delete",
    "event": "select, insert",
}
# Reads beyond one tenant: signing in finds the accounts of an address, the relay reads the log of all tenants.
ALSO_READ = {
    "app_user": f"email = {EMAIL}",
    "tenant": f"{EMAIL} is not null",
    "event": RELAY,
}
SHARED = {"node_lease": "select, insert, update, delete", "event_log": "select", "alembic_version": "select"}


# A grant cannot change without its user's epoch: whatever rests on an epoch rests on exactly those grants.
BUMP = """
create function bump_permission_epoch() returns trigger language plpgsql as $$
begin
  update permission_epoch set number = number + 1
  where tenant_id = coalesce(new.tenant_id, old.tenant_id) and id = coalesce(new.user_id, old.user_id);
  return null;
end $$
"""
ON_GRANT = """
create trigger bump_permission_epoch after insert or update or delete on access_grant
for each row execute function bump_permission_epoch()
"""


def _make(role: str) -> None:
    """Roles belong to the cluster: another database of it may have made this one."""
    op.execute(
        f"""
        do $$ begin
          create role {role} nologin nosuperuser nobypassrls;
        exception when duplicate_object or unique_violation then null;
        end $$
        """
    )
    # A role that is no superuser must be a member to act as it; one that made it is allowed to say so.
    op.execute(
        f"""
        do $$ begin
          if not pg_has_role(current_user, '{role}', 'member') then
            execute format('grant {role} to %I', current_user);
          end if;
        end $$
        """
    )
    op.execute(f"grant usage on schema public to {role}")


def _let_read() -> None:
    """The compiled read path: its statements carry tenant and rights themselves, and it can do nothing but read."""
    for table in PRIVILEGES.keys() - {"idempotency_key", "event"}:
        op.execute(f"grant select on {table} to {READER}")
        op.execute(f"create policy compiled_reads on {table} for select to {READER} using (true)")


def _protect() -> None:
    for table, privileges in PRIVILEGES.items():
        key = "id" if table == "tenant" else "tenant_id"
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy tenant_wall on {table} using ({key} = {TENANT}) with check ({key} = {TENANT})")
        op.execute(f"grant {privileges} on {table} to {ROLE}")
    for table, condition in ALSO_READ.items():
        op.execute(f"create policy beyond_the_tenant on {table} for select using ({condition})")
    for table, privileges in SHARED.items():
        op.execute(f"grant {privileges} on {table} to {ROLE}")


def upgrade() -> None:
    op.create_table(
        "event_log",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("incarnation", sa.Uuid(), nullable=False),
        sa.Column("pruned_below", Xid8(), server_default=sa.text("'0'::xid8"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_log")),
    )
    op.create_table(
        "node_lease",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("beat", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_ms", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_node_lease")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("ACTIVE", "SUSPENDED", name="tenantstatus", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("time_zone", sa.String(), server_default="UTC", nullable=False),
        sa.Column("currency", sa.String(), server_default="USD", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenant_slug")),
    )
    op.create_table(
        "event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("node_type", sa.String(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("hides", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("left_organization_id", sa.Uuid(), nullable=True),
        sa.Column("left_site_id", sa.Uuid(), nullable=True),
        sa.Column("also", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "occurred_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_event_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "seq", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_tenant_id_node_id_seq"), "event", ["tenant_id", "node_id", "seq"], unique=False)
    op.create_index("ix_event_xid", "event", ["xid"], unique=False)
    op.create_table(
        "organization",
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PROSPECT",
                "ACTIVE",
                "PAUSED",
                "ARCHIVED",
                name="organizationstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "COMPANY", "INDIVIDUAL", name="organizationkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "location",
            sa.Enum("LOCAL", "FOREIGN", name="location", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("company_type", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("registration_number", sa.String(), nullable=True),
        sa.Column("tax_number", sa.String(), nullable=True),
        sa.Column("vat_number", sa.String(), nullable=True),
        sa.Column("new_business_year", sa.Integer(), nullable=True),
        sa.Column(
            "payment_terms",
            sa.Enum(
                "NET",
                "MFI",
                "CUSTOM",
                "IMMEDIATE",
                name="paymentterms",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("payment_days", sa.Integer(), nullable=True),
        sa.Column("billing_currency", sa.String(), server_default="USD", nullable=False),
        sa.Column("billing_email", sa.String(), nullable=True),
        sa.Column("remittance_details", sa.String(), nullable=True),
        sa.Column("internal_notes", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(legal_name) between 2 and 191", name=op.f("ck_organization_legal_name_length")),
        sa.CheckConstraint("length(short_name) between 2 and 191", name=op.f("ck_organization_short_name_length")),
        sa.CheckConstraint("new_business_year between 2015 and 9999", name=op.f("ck_organization_new_business_year")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_organization_tenant_id_owner_id"),
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_organization_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_organization")),
    )
    op.create_index(
        op.f("ix_organization_tenant_id_created_at_id"), "organization", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_organization_tenant_id_short_name_id"), "organization", ["tenant_id", "short_name", "id"], unique=False
    )
    op.create_index("uq_organization_external_id", "organization", ["tenant_id", "external_id"], unique=True)
    op.create_index(
        "uq_organization_legal_name",
        "organization",
        ["tenant_id", sa.literal_column("replace(lower(legal_name), ' ', '')")],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index(
        "uq_organization_short_name",
        "organization",
        ["tenant_id", sa.literal_column("replace(lower(short_name), ' ', '')")],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "app_user",
        sa.Column(
            "kind",
            sa.Enum("STAFF", "PORTAL", name="userkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "INVITED",
                "ACTIVE",
                "SUSPENDED",
                name="userstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'PORTAL') = (organization_id is not null)", name=op.f("ck_app_user_portal_user_has_home")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_app_user_email_folded")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organization.tenant_id", "organization.id"],
            name=op.f("fk_app_user_tenant_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_app_user_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_app_user")),
    )
    op.create_index(op.f("ix_app_user_email"), "app_user", ["email"], unique=False)
    op.create_index(op.f("ix_app_user_tenant_id_name_id"), "app_user", ["tenant_id", "name", "id"], unique=False)
    op.create_index(
        op.f("ix_app_user_tenant_id_organization_id_name_id"),
        "app_user",
        ["tenant_id", "organization_id", "name", "id"],
        unique=False,
    )
    op.create_index(
        "uq_app_user_email",
        "app_user",
        ["tenant_id", "email"],
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )
    op.create_table(
        "site",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE", "LIMITED", "CLOSED", name="sitestatus", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("address_street", sa.String(), nullable=True),
        sa.Column("address_city", sa.String(), nullable=True),
        sa.Column("address_region", sa.String(), nullable=True),
        sa.Column("address_postal_code", sa.String(), nullable=True),
        sa.Column("address_country", sa.String(), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("service_details", sa.String(), nullable=True),
        sa.Column("internal_notes", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organization.tenant_id", "organization.id"],
            name=op.f("fk_site_tenant_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_site")),
        sa.UniqueConstraint("tenant_id", "organization_id", "id", name=op.f("uq_site_tenant_id_organization_id_id")),
    )
    op.create_index(op.f("ix_site_tenant_id_name_id"), "site", ["tenant_id", "name", "id"], unique=False)
    op.create_index(
        op.f("ix_site_tenant_id_organization_id_name_id"),
        "site",
        ["tenant_id", "organization_id", "name", "id"],
        unique=False,
    )
    op.create_index("uq_site_external_id", "site", ["tenant_id", "external_id"], unique=True)
    op.create_table(
        "access_grant",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ROLE", "FEATURE", "PERMISSION", name="grantkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("cause", sa.String(), server_default="MANUAL", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("site_id is null or organization_id is not null", name=op.f("ck_access_grant_place")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id", "site_id"],
            ["site.tenant_id", "site.organization_id", "site.id"],
            name=op.f("fk_access_grant_tenant_id_organization_id_site_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organization.tenant_id", "organization.id"],
            name=op.f("fk_access_grant_tenant_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_access_grant_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_access_grant")),
    )
    op.create_index(
        op.f("ix_access_grant_tenant_id_organization_id_created_at_id"),
        "access_grant",
        ["tenant_id", "organization_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_access_grant_tenant_id_user_id_created_at_id"),
        "access_grant",
        ["tenant_id", "user_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_access_grant_live",
        "access_grant",
        ["tenant_id", "user_id", "name", "organization_id", "site_id", "cause"],
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "contact",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("job_title", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("private_phone", sa.String(), nullable=True),
        sa.Column(
            "preferred_channel",
            sa.Enum(
                "EMAIL", "PHONE", "SMS", name="contactchannel", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("is_primary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "designations",
            postgresql.ARRAY(
                sa.Enum("SECONDARY", "EMERGENCY", "TECHNICAL", "BILLING", name="contactdesignation", native_enum=False)
            ),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("internal_notes", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "designations <@ array['SECONDARY', 'EMERGENCY', 'TECHNICAL', 'BILLING']::varchar[]",
            name=op.f("ck_contact_designations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id", "site_id"],
            ["site.tenant_id", "site.organization_id", "site.id"],
            name=op.f("fk_contact_tenant_id_organization_id_site_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organization.tenant_id", "organization.id"],
            name=op.f("fk_contact_tenant_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_tenant_id_name_id"), "contact", ["tenant_id", "name", "id"], unique=False)
    op.create_index(
        op.f("ix_contact_tenant_id_organization_id_name_id"),
        "contact",
        ["tenant_id", "organization_id", "name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contact_tenant_id_site_id_name_id"), "contact", ["tenant_id", "site_id", "name", "id"], unique=False
    )
    op.create_index("uq_contact_external_id", "contact", ["tenant_id", "external_id"], unique=True)
    op.create_index(
        "uq_contact_primary",
        "contact",
        ["tenant_id", "organization_id"],
        unique=True,
        postgresql_where=sa.text("is_primary and archived_at is null"),
    )
    op.create_table(
        "contract",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAFT",
                "ACTIVE",
                "EXPIRING",
                "TERMINATED",
                name="contractstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column(
            "cadence",
            sa.Enum(
                "WEEKLY",
                "MONTHLY",
                "QUARTERLY",
                name="invoicingcadence",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "overtime_policy",
            sa.Enum(
                "NONE", "DAILY", "WEEKLY", name="overtimepolicy", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(), server_default="USD", nullable=False),
        sa.Column("base_rate", sa.Numeric(precision=14, scale=4), nullable=True),
        sa.Column("weekend_multiplier", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column("holiday_multiplier", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column("commercial_terms", sa.String(), nullable=True),
        sa.Column("internal_notes", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("base_rate >= 0", name=op.f("ck_contract_base_rate")),
        sa.CheckConstraint("end_on is null or end_on >= start_on", name=op.f("ck_contract_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id", "site_id"],
            ["site.tenant_id", "site.organization_id", "site.id"],
            name=op.f("fk_contract_tenant_id_organization_id_site_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organization.tenant_id", "organization.id"],
            name=op.f("fk_contract_tenant_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contract")),
        sa.UniqueConstraint(
            "tenant_id", "organization_id", "id", name=op.f("uq_contract_tenant_id_organization_id_id")
        ),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_contract_tenant_id_reference")),
    )
    op.create_index(
        op.f("ix_contract_tenant_id_organization_id_start_on_id"),
        "contract",
        ["tenant_id", "organization_id", "start_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_tenant_id_site_id_start_on_id"),
        "contract",
        ["tenant_id", "site_id", "start_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_tenant_id_start_on_id"), "contract", ["tenant_id", "start_on", "id"], unique=False
    )
    op.create_index("uq_contract_external_id", "contract", ["tenant_id", "external_id"], unique=True)
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_idempotency_key_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "membership",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("job_title", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_membership_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_membership")),
    )
    op.create_index(
        "uq_membership_user",
        "membership",
        ["tenant_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )
    op.create_table(
        "permission_epoch",
        sa.Column("number", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["app_user.tenant_id", "app_user.id"], name=op.f("fk_permission_epoch_tenant_id_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_permission_epoch")),
    )
    op.create_table(
        "session",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("BROWSER", "TOKEN", name="sessionkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"], ["app_user.tenant_id", "app_user.id"], name=op.f("fk_session_tenant_id_user_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_session")),
        sa.UniqueConstraint("tenant_id", "secret_hash", name=op.f("uq_session_tenant_id_secret_hash")),
    )
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_session_tenant_id_user_id"), "session", ["tenant_id", "user_id"], unique=False)
    op.create_table(
        "job",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "REQUESTED",
                "SCHEDULED",
                "IN_PROGRESS",
                "ON_HOLD",
                "COMPLETED",
                "CANCELLED",
                name="jobstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum(
                "LOW",
                "NORMAL",
                "HIGH",
                "CRITICAL",
                name="jobpriority",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.String(), server_default="USD", nullable=False),
        sa.Column("cost", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("internal_notes", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_job_cost")),
        sa.CheckConstraint("duration_minutes > 0", name=op.f("ck_job_duration")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id", "contract_id"],
            ["contract.tenant_id", "contract.organization_id", "contract.id"],
            name=op.f("fk_job_tenant_id_organization_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id", "site_id"],
            ["site.tenant_id", "site.organization_id", "site.id"],
            name=op.f("fk_job_tenant_id_organization_id_site_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_job")),
        sa.UniqueConstraint("tenant_id", "organization_id", "id", name=op.f("uq_job_tenant_id_organization_id_id")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_job_tenant_id_reference")),
    )
    op.create_index(
        op.f("ix_job_tenant_id_contract_id_scheduled_at_id"),
        "job",
        ["tenant_id", "contract_id", "scheduled_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_job_tenant_id_organization_id_scheduled_at_id"),
        "job",
        ["tenant_id", "organization_id", "scheduled_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_job_tenant_id_scheduled_at_id"), "job", ["tenant_id", "scheduled_at", "id"], unique=False)
    op.create_index(
        op.f("ix_job_tenant_id_site_id_scheduled_at_id"),
        "job",
        ["tenant_id", "site_id", "scheduled_at", "id"],
        unique=False,
    )
    op.create_index("uq_job_external_id", "job", ["tenant_id", "external_id"], unique=True)
    op.create_table(
        "portal_user",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_id"],
            ["contact.tenant_id", "contact.id"],
            name=op.f("fk_portal_user_tenant_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organization.tenant_id", "organization.id"],
            name=op.f("fk_portal_user_tenant_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("fk_portal_user_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_portal_user")),
    )
    op.create_index(
        op.f("ix_portal_user_tenant_id_organization_id_created_at_id"),
        "portal_user",
        ["tenant_id", "organization_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_portal_user_contact",
        "portal_user",
        ["tenant_id", "contact_id"],
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )
    op.create_index(
        "uq_portal_user_user",
        "portal_user",
        ["tenant_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )
    op.create_table(
        "job_party",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "PRIMARY",
                "STAKEHOLDER",
                "BILLING",
                "TECHNICAL",
                name="partyrole",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_id"],
            ["contact.tenant_id", "contact.id"],
            name=op.f("fk_job_party_tenant_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"], ["job.tenant_id", "job.id"], name=op.f("fk_job_party_tenant_id_job_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organization.tenant_id", "organization.id"],
            name=op.f("fk_job_party_tenant_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_job_party")),
    )
    op.create_index(
        op.f("ix_job_party_tenant_id_organization_id_job_id"),
        "job_party",
        ["tenant_id", "organization_id", "job_id"],
        unique=False,
    )
    op.create_index(
        "uq_job_party_primary",
        "job_party",
        ["tenant_id", "job_id"],
        unique=True,
        postgresql_where=sa.text("role = 'PRIMARY' and archived_at is null"),
    )
    op.create_index(
        "uq_job_party_role",
        "job_party",
        ["tenant_id", "job_id", "organization_id", "role"],
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
    )
    op.create_table(
        "report",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "ACTIVITY",
                "INCIDENT",
                "INSPECTION",
                "PERFORMANCE",
                name="reportkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "DRAFT",
                "PUBLISHED",
                "WITHDRAWN",
                name="reportstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("internal_notes", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_report_period")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id", "job_id"],
            ["job.tenant_id", "job.organization_id", "job.id"],
            name=op.f("fk_report_tenant_id_organization_id_job_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id", "site_id"],
            ["site.tenant_id", "site.organization_id", "site.id"],
            name=op.f("fk_report_tenant_id_organization_id_site_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_report")),
    )
    op.create_index(
        op.f("ix_report_tenant_id_job_id_period_start_id"),
        "report",
        ["tenant_id", "job_id", "period_start", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_report_tenant_id_organization_id_period_start_id"),
        "report",
        ["tenant_id", "organization_id", "period_start", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_report_tenant_id_period_start_id"), "report", ["tenant_id", "period_start", "id"], unique=False
    )
    op.create_index(
        op.f("ix_report_tenant_id_site_id_period_start_id"),
        "report",
        ["tenant_id", "site_id", "period_start", "id"],
        unique=False,
    )
    op.create_index("uq_report_external_id", "report", ["tenant_id", "external_id"], unique=True)
    op.create_foreign_key(
        op.f("fk_organization_tenant_id_owner_id"),
        "organization",
        "app_user",
        ["tenant_id", "owner_id"],
        ["tenant_id", "id"],
    )
    op.execute("insert into event_log (id, incarnation) values (1, gen_random_uuid())")
    op.execute(BUMP)
    op.execute(ON_GRANT)
    _make(ROLE)
    _make(READER)
    _protect()
    _let_read()


def downgrade() -> None:
    op.execute("drop function bump_permission_epoch cascade")
    op.drop_constraint(op.f("fk_organization_tenant_id_owner_id"), "organization")
    op.drop_index("uq_report_external_id", table_name="report")
    op.drop_index(op.f("ix_report_tenant_id_site_id_period_start_id"), table_name="report")
    op.drop_index(op.f("ix_report_tenant_id_period_start_id"), table_name="report")
    op.drop_index(op.f("ix_report_tenant_id_organization_id_period_start_id"), table_name="report")
    op.drop_index(op.f("ix_report_tenant_id_job_id_period_start_id"), table_name="report")
    op.drop_table("report")
    op.drop_index("uq_job_party_role", table_name="job_party", postgresql_where=sa.text("archived_at is null"))
    op.drop_index(
        "uq_job_party_primary",
        table_name="job_party",
        postgresql_where=sa.text("role = 'PRIMARY' and archived_at is null"),
    )
    op.drop_index(op.f("ix_job_party_tenant_id_organization_id_job_id"), table_name="job_party")
    op.drop_table("job_party")
    op.drop_index("uq_portal_user_user", table_name="portal_user", postgresql_where=sa.text("archived_at is null"))
    op.drop_index("uq_portal_user_contact", table_name="portal_user", postgresql_where=sa.text("archived_at is null"))
    op.drop_index(op.f("ix_portal_user_tenant_id_organization_id_created_at_id"), table_name="portal_user")
    op.drop_table("portal_user")
    op.drop_index("uq_job_external_id", table_name="job")
    op.drop_index(op.f("ix_job_tenant_id_site_id_scheduled_at_id"), table_name="job")
    op.drop_index(op.f("ix_job_tenant_id_scheduled_at_id"), table_name="job")
    op.drop_index(op.f("ix_job_tenant_id_organization_id_scheduled_at_id"), table_name="job")
    op.drop_index(op.f("ix_job_tenant_id_contract_id_scheduled_at_id"), table_name="job")
    op.drop_table("job")
    op.drop_index(op.f("ix_session_tenant_id_user_id"), table_name="session")
    op.drop_index(op.f("ix_session_expires_at"), table_name="session")
    op.drop_table("session")
    op.drop_table("permission_epoch")
    op.drop_index("uq_membership_user", table_name="membership", postgresql_where=sa.text("archived_at is null"))
    op.drop_table("membership")
    op.drop_index(op.f("ix_idempotency_key_created_at"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_index("uq_contract_external_id", table_name="contract")
    op.drop_index(op.f("ix_contract_tenant_id_start_on_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_tenant_id_site_id_start_on_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_tenant_id_organization_id_start_on_id"), table_name="contract")
    op.drop_table("contract")
    op.drop_index(
        "uq_contact_primary", table_name="contact", postgresql_where=sa.text("is_primary and archived_at is null")
    )
    op.drop_index("uq_contact_external_id", table_name="contact")
    op.drop_index(op.f("ix_contact_tenant_id_site_id_name_id"), table_name="contact")
    op.drop_index(op.f("ix_contact_tenant_id_organization_id_name_id"), table_name="contact")
    op.drop_index(op.f("ix_contact_tenant_id_name_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(
        "uq_access_grant_live",
        table_name="access_grant",
        postgresql_where=sa.text("archived_at is null"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(op.f("ix_access_grant_tenant_id_user_id_created_at_id"), table_name="access_grant")
    op.drop_index(op.f("ix_access_grant_tenant_id_organization_id_created_at_id"), table_name="access_grant")
    op.drop_table("access_grant")
    op.drop_index("uq_site_external_id", table_name="site")
    op.drop_index(op.f("ix_site_tenant_id_organization_id_name_id"), table_name="site")
    op.drop_index(op.f("ix_site_tenant_id_name_id"), table_name="site")
    op.drop_table("site")
    op.drop_index("uq_app_user_email", table_name="app_user", postgresql_where=sa.text("archived_at is null"))
    op.drop_index(op.f("ix_app_user_tenant_id_organization_id_name_id"), table_name="app_user")
    op.drop_index(op.f("ix_app_user_tenant_id_name_id"), table_name="app_user")
    op.drop_index(op.f("ix_app_user_email"), table_name="app_user")
    op.drop_table("app_user")
    op.drop_index(
        "uq_organization_short_name", table_name="organization", postgresql_where=sa.text("archived_at IS NULL")
    )
    op.drop_index(
        "uq_organization_legal_name", table_name="organization", postgresql_where=sa.text("archived_at IS NULL")
    )
    op.drop_index("uq_organization_external_id", table_name="organization")
    op.drop_index(op.f("ix_organization_tenant_id_short_name_id"), table_name="organization")
    op.drop_index(op.f("ix_organization_tenant_id_created_at_id"), table_name="organization")
    op.drop_table("organization")
    op.drop_index("ix_event_xid", table_name="event")
    op.drop_index(op.f("ix_event_tenant_id_node_id_seq"), table_name="event")
    op.drop_table("event")
    op.drop_table("tenant")
    op.drop_table("node_lease")
    op.drop_table("event_log")
