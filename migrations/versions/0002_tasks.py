"""The queue of tasks: procrastinate's own tables, types and functions, as its release ships them.

A release of procrastinate that changes them comes with the difference, which is then a migration of ours; a test knows
the text this one was written for and fails when it is another.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLE = "portico_app"
PRIVILEGES = {
    "procrastinate_jobs": "select, insert, update, delete",
    "procrastinate_periodic_defers": "select, insert, update, delete",
    "procrastinate_events": "select, insert",
    "procrastinate_workers": "select, insert, update, delete",
}
SEQUENCES = ("procrastinate_jobs_id_seq", "procrastinate_periodic_defers_id_seq", "procrastinate_events_id_seq")
DROP = """
do $$
declare routine regprocedure;
begin
  drop table procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers cascade;
  for routine in
    select oid from pg_proc where pronamespace = 'public'::regnamespace and proname like 'procrastinate\\_%'
  loop
    execute format('drop function %s cascade', routine);
  end loop;
  drop type procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type;
end $$
"""


def upgrade() -> None:
    # Many statements and no parameters: that is for the driver itself.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(SchemaManager.get_schema())
    for table, privileges in PRIVILEGES.items():
        op.execute(f"grant {privileges} on {table} to {ROLE}")
    op.execute(f"grant usage on sequence {', '.join(SEQUENCES)} to {ROLE}")


def downgrade() -> None:
    op.execute(DROP)
