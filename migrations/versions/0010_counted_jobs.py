"""How many jobs there are at every place and of every contract is kept, so that nobody has to count them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROLE = "portico_app"
READER = "portico_reader"
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"

NONE = "'00000000-0000-0000-0000-000000000000'"

# A slot another transaction has changed is left to it and one more is made: whoever adds a job never waits for others
# who do. What they all add up to is right in every snapshot.
COUNT = """
create function count_jobs(of_tenant uuid, of_organization uuid, of_site uuid, of_contract uuid, more bigint)
returns void language plpgsql as $$
declare free bigint;
begin
  select slot into free from job_count
  where tenant_id = of_tenant and site_id = of_site and contract_id = of_contract and organization_id = of_organization
  order by slot limit 1 for update skip locked;
  if found then
    update job_count set number = number + more
    where tenant_id = of_tenant and site_id = of_site and contract_id = of_contract and slot = free;
  else
    insert into job_count (tenant_id, organization_id, site_id, contract_id, number)
    values (of_tenant, of_organization, of_site, of_contract, more);
  end if;
end $$
"""
GROUP = f"tenant_id, organization_id, site_id, coalesce(contract_id, {NONE})"
MANY = """
create function {name}() returns trigger language plpgsql as $$
begin
  perform count_jobs({group}, {sign} count(*)) from those where archived_at is null group by {group};
  return null;
end $$
"""
MOVED = """
create function job_moved() returns trigger language plpgsql as $$
begin
  perform count_jobs({group}, sum(more)) from (
    select old.*, -1 as more where old.archived_at is null
    union all select new.*, 1 where new.archived_at is null
  ) moves group by {group} having sum(more) <> 0;
  return null;
end $$
"""
TRIGGERS = (
    "create trigger jobs_came after insert on job referencing new table as those"
    " for each statement execute function jobs_came()",
    "create trigger jobs_went after delete on job referencing old table as those"
    " for each statement execute function jobs_went()",
    "create trigger job_moved after update of archived_at, organization_id, site_id, contract_id on job"
    " for each row execute function job_moved()",
)
FIRST = """
insert into job_count (tenant_id, organization_id, site_id, contract_id, number)
select {group}, count(*) from job where archived_at is null group by {group}
"""


def upgrade() -> None:
    op.create_table(
        "job_count",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_job_count_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "site_id", "contract_id", "slot", name=op.f("pk_job_count")),
        postgresql_with={"fillfactor": 70},
    )
    for column in ("contract_id", "organization_id"):
        op.create_index(op.f(f"ix_job_count_tenant_id_{column}"), "job_count", ["tenant_id", column])
    op.execute(COUNT)
    op.execute(MANY.format(name="jobs_came", sign="", group=GROUP))
    op.execute(MANY.format(name="jobs_went", sign="-", group=GROUP))
    op.execute(MOVED.format(group=GROUP))
    for trigger in TRIGGERS:
        op.execute(trigger)
    # The owner of the tables is held by the wall like everybody else.
    op.execute("alter table job no force row level security")
    op.execute(FIRST.format(group=GROUP))
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
    op.execute("drop function count_jobs(uuid, uuid, uuid, uuid, bigint)")
    op.drop_table("job_count")
