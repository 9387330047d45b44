"""How many jobs a contract, a site and an organization have is kept, so that nobody has to count them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROLE = "portico_app"
READER = "portico_reader"
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"

# A slot another transaction has changed is left to it and one more is made: whoever adds a job never waits for others
# who do. What they all add up to is right in every snapshot.
COUNT = """
create function count_jobs(of_tenant uuid, of_parent uuid, more bigint) returns void language plpgsql as $$
declare free bigint;
begin
  select slot into free from job_count where tenant_id = of_tenant and parent_id = of_parent
  limit 1 for update skip locked;
  if found then
    update job_count set number = number + more
    where tenant_id = of_tenant and parent_id = of_parent and slot = free;
  else
    insert into job_count (tenant_id, parent_id, number) values (of_tenant, of_parent, more);
  end if;
end $$
"""
PARENTS = "(values ({0}.contract_id), ({0}.site_id), ({0}.organization_id)) parents (parent)"
MANY = """
create function {name}() returns trigger language plpgsql as $$
begin
  perform count_jobs(j.tenant_id, parent, {sign} count(*)) from those j cross join lateral {parents}
  where j.archived_at is null and parent is not null group by j.tenant_id, parent;
  return null;
end $$
"""
MOVED = """
create function job_moved() returns trigger language plpgsql as $$
begin
  perform count_jobs(new.tenant_id, parent, sum(more)) from (
    select parent, -1 as more from {before} where old.archived_at is null
    union all select parent, 1 from {after} where new.archived_at is null
  ) moves where parent is not null group by parent having sum(more) <> 0;
  return null;
end $$
"""
TRIGGERS = (
    "create trigger jobs_came after insert on job referencing new table as those"
    " for each statement execute function jobs_came()",
    "create trigger jobs_went after delete on job referencing old table as those"
    " for each statement execute function jobs_went()",
    "create trigger job_moved after update of archived_at, contract_id, site_id, organization_id on job"
    " for each row execute function job_moved()",
)
FIRST = """
insert into job_count (tenant_id, parent_id, number)
select j.tenant_id, parent, count(*) from job j cross join lateral {parents}
where j.archived_at is null and parent is not null group by j.tenant_id, parent
"""


def upgrade() -> None:
    op.create_table(
        "job_count",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_job_count_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "parent_id", "slot", name=op.f("pk_job_count")),
        postgresql_with={"fillfactor": 70},
    )
    op.execute(COUNT)
    op.execute(MANY.format(name="jobs_came", sign="", parents=PARENTS.format("j")))
    op.execute(MANY.format(name="jobs_went", sign="-", parents=PARENTS.format("j")))
    op.execute(MOVED.format(before=PARENTS.format("old"), after=PARENTS.format("new")))
    for trigger in TRIGGERS:
        op.execute(trigger)
    # The owner of the tables is held by the wall like everybody else.
    op.execute("alter table job no force row level security")
    op.execute(FIRST.format(parents=PARENTS.format("j")))
    op.execute("alter table job force row level security")
    op.execute("alter table job_count enable row level security")
    op.execute("alter table job_count force row level security")
    op.execute(f"create policy tenant_wall on job_count using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})")
    op.execute(f"grant select, insert, update on job_count to {ROLE}")
    op.execute(f"grant select on job_count to {READER}")
    op.execute(f"create policy compiled_reads on job_count for select to {READER} using (true)")


def downgrade() -> None:
    for name in ("jobs_came", "jobs_went", "job_moved"):
        op.execute(f"drop trigger {name} on job")
        op.execute(f"drop function {name}()")
    op.execute("drop function count_jobs(uuid, uuid, bigint)")
    op.drop_table("job_count")
