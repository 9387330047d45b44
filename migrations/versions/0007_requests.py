"""Services, requests for work, changes that wait for approval, notices, and what reports and jobs are drawn from."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROLE = "portico_app"
READER = "portico_reader"
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
TABLES = ("service", "service_subscription", "account_manager", "change_request", "notification")

# What is still known of the jobs there are: when they were asked for, begun and finished.
BACKFILL = """
update job set timeline = (
  select coalesce(jsonb_agg(jsonb_build_object('status', status, 'at',
    to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) order by at, place), '[]')
  from (values ('REQUESTED', created_at, 1), ('IN_PROGRESS', started_at, 2), ('COMPLETED', completed_at, 3))
    as known(status, at, place)
  where at is not null
)
"""


def _protect(table: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy tenant_wall on {table} using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})")
    op.execute(f"grant select, insert, update on {table} to {ROLE}")
    op.execute(f"grant select on {table} to {READER}")
    op.execute(f"create policy compiled_reads on {table} for select to {READER} using (true)")


def _common() -> list[sa.Column[Any]]:
    return [
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _refers(table: str, target: str, *columns: str) -> sa.ForeignKeyConstraint:
    """A foreign key that carries the tenant along; the last of the columns refers to the target's id."""
    *shared, last = columns
    return sa.ForeignKeyConstraint(
        ["tenant_id", *shared, last],
        [f"{target}.tenant_id", *(f"{target}.{one}" for one in shared), f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{'_'.join(columns)}"),
    )


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def _live(table: str, *columns: str) -> None:
    op.create_index(
        f"uq_{table}_live", table, list(columns), unique=True, postgresql_where=sa.text("archived_at is null")
    )


def _enum(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def _services() -> None:
    op.create_table(
        "service",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        *_common(),
        sa.CheckConstraint("length(name) between 1 and 191", name=op.f("ck_service_name_length")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_service_tenant_id")),
        _key("service"),
    )
    _index("service", "tenant_id", "name", "id")
    op.create_index(
        "uq_service_name",
        "service",
        ["tenant_id", sa.literal_column("replace(lower(name), ' ', '')")],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "service_subscription",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        *_common(),
        _refers("service_subscription", "organization", "organization_id"),
        _refers("service_subscription", "service", "service_id"),
        _key("service_subscription"),
    )
    _index("service_subscription", "tenant_id", "organization_id", "created_at", "id")
    _index("service_subscription", "tenant_id", "service_id")
    _live("service_subscription", "tenant_id", "organization_id", "service_id")
    op.create_table(
        "account_manager",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *_common(),
        _refers("account_manager", "organization", "organization_id"),
        _refers("account_manager", "app_user", "user_id"),
        _key("account_manager"),
    )
    _index("account_manager", "tenant_id", "organization_id", "created_at", "id")
    _live("account_manager", "tenant_id", "organization_id", "user_id")


def _jobs_and_reports() -> None:
    op.add_column("job", sa.Column("service_id", sa.Uuid(), nullable=True))
    op.add_column("job", sa.Column("requested_by_id", sa.Uuid(), nullable=True))
    for table, column in (("job", "timeline"), ("report", "figures")):
        op.add_column(
            table,
            sa.Column(column, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        )
    for target, column in (("service", "service_id"), ("app_user", "requested_by_id")):
        op.create_foreign_key(
            op.f(f"fk_job_tenant_id_{column}"), "job", target, ["tenant_id", column], ["tenant_id", "id"]
        )
    # The owner of the tables is held by the wall like everybody else.
    op.execute("alter table job no force row level security")
    op.execute(BACKFILL)
    op.execute("alter table job force row level security")


def _change_requests() -> None:
    op.create_table(
        "change_request",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("contact_version", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status", _enum("changerequeststatus", "PENDING", "APPROVED", "DECLINED", "WITHDRAWN"), nullable=False
        ),
        sa.Column(
            "changed_fields",
            postgresql.ARRAY(
                sa.Enum(
                    "NAME",
                    "JOB_TITLE",
                    "EMAIL",
                    "PHONE",
                    "PRIVATE_PHONE",
                    "PREFERRED_CHANNEL",
                    name="contactfield",
                    native_enum=False,
                )
            ),
            server_default="{}",
            nullable=False,
        ),
        *(sa.Column(one, sa.String(), nullable=True) for one in ("name", "job_title", "email", "phone")),
        sa.Column("private_phone", sa.String(), nullable=True),
        sa.Column("preferred_channel", _enum("contactchannel", "EMAIL", "PHONE", "SMS"), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        *_common(),
        sa.CheckConstraint(
            "changed_fields <@ array['NAME', 'JOB_TITLE', 'EMAIL', 'PHONE', 'PRIVATE_PHONE',"
            " 'PREFERRED_CHANNEL']::varchar[]",
            name=op.f("ck_change_request_changed_fields"),
        ),
        _refers("change_request", "organization", "organization_id"),
        _refers("change_request", "site", "organization_id", "site_id"),
        _refers("change_request", "contact", "contact_id"),
        _refers("change_request", "app_user", "proposed_by_id"),
        _key("change_request"),
    )
    _index("change_request", "tenant_id", "organization_id", "created_at", "id")
    _index("change_request", "tenant_id", "contact_id", "created_at", "id")
    _index("change_request", "tenant_id", "created_at", "id")


def _notifications() -> None:
    kinds = (
        "JOB_REQUESTED", "JOB_REQUEST_WITHDRAWN", "JOB_SCHEDULED", "JOB_COMPLETED", "JOB_CANCELLED",
        "CHANGE_PROPOSED", "CHANGE_APPROVED", "CHANGE_DECLINED",
    )  # fmt: skip
    op.create_table(
        "notification",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("notificationkind", *kinds), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("change_request_id", sa.Uuid(), nullable=True),
        sa.Column("unread", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        *_common(),
        _refers("notification", "app_user", "user_id"),
        _refers("notification", "organization", "organization_id"),
        _refers("notification", "job", "job_id"),
        _refers("notification", "change_request", "change_request_id"),
        _key("notification"),
    )
    _index("notification", "tenant_id", "user_id", "created_at", "id")


def upgrade() -> None:
    _services()
    _jobs_and_reports()
    _change_requests()
    _notifications()
    for table in TABLES:
        _protect(table)


def downgrade() -> None:
    for column in ("service_id", "requested_by_id"):
        op.drop_constraint(op.f(f"fk_job_tenant_id_{column}"), "job", type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)
    for column in ("service_id", "requested_by_id", "timeline"):
        op.drop_column("job", column)
    op.drop_column("report", "figures")
