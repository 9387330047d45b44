"""The indexes of jobs tell which are archived: so many as there are are counted without a look at their rows."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ORDERS = (
    ("contract_id", "scheduled_at", "id"),
    ("site_id", "scheduled_at", "id"),
    ("organization_id", "scheduled_at", "id"),
    ("scheduled_at", "id"),
)


def upgrade() -> None:
    _made_anew(["archived_at"])


def downgrade() -> None:
    _made_anew([])


def _made_anew(include: list[str]) -> None:
    for columns in ORDERS:
        name = op.f(f"ix_job_tenant_id_{'_'.join(columns)}")
        op.drop_index(name, table_name="job")
        op.create_index(name, "job", ["tenant_id", *columns], postgresql_include=include or None)
