"""The compiled read path reads the audit trail: its statements say themselves who may see what of it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("grant select on audit_entry to portico_reader")
    op.execute("create policy compiled_reads on audit_entry for select to portico_reader using (true)")


def downgrade() -> None:
    op.execute("drop policy compiled_reads on audit_entry")
    op.execute("revoke select on audit_entry from portico_reader")
