"""What the database itself guarantees, read from its catalog, so that a new table with a hole in it fails here."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

import models
from models.database import APP_ROLE, READER_ROLE, application_engine, snapshot, writing
from tests.world.mirror import plain
from tests.world.serving import Place

WALL = "(tenant_id = ( SELECT (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid AS \"nullif\"))"
READ, KEPT, FREE = {"SELECT"}, {"SELECT", "INSERT", "UPDATE"}, {"SELECT", "INSERT", "UPDATE", "DELETE"}

TENANT_TABLES = {
    **dict.fromkeys(("organization", "site", "contact", "contract", "job", "job_count", "job_party", "report"), KEPT),
    **dict.fromkeys(("app_user", "membership", "portal_user", "access_grant", "permission_epoch"), KEPT),
    **dict.fromkeys(("service", "service_subscription", "account_manager", "change_request", "notification"), KEPT),
    "session": FREE,
    "invitation": KEPT,
    **dict.fromkeys(("one_time_secret", "mail"), FREE),
    **dict.fromkeys(("authenticator", "passkey", "recovery_code"), FREE),
    "idempotency_key": FREE,
    "event": {"SELECT", "INSERT"},
    "audit_entry": {"SELECT", "INSERT"},
    "identity_provider": KEPT,
    "staff_identity": FREE,
    **dict.fromkeys(("partner_application", "partner_secret", "partner_budget"), KEPT),
}
"""Every table behind the wall and what a serving process may do to it: nothing with a history can be deleted."""
SHARED_TABLES = {"tenant": KEPT, "node_lease": FREE, "event_log": READ, "alembic_version": READ}
SHARED_TABLES |= {"sign_in_attempt": FREE, "sign_in_challenge": FREE}
QUEUE = "procrastinate_"
"""The queue's tables hold no rows of tenants; their privileges are its migration's business."""
BEYOND = {
    "app_user": "((email)::text = ( SELECT NULLIF(current_setting('app.sign_in_email'::text, "
    "true), ''::text) AS \"nullif\"))",
    "tenant": "(( SELECT NULLIF(current_setting('app.sign_in_email'::text, true), ''::text) "
    'AS "nullif") IS NOT NULL)',
    "identity_provider": "(( SELECT NULLIF(current_setting('app.sign_in_email'::text, true), ''::text) "
    'AS "nullif") IS NOT NULL)',
    "event": "(( SELECT current_setting('app.relay'::text, true) AS current_setting) = 'on'::text)",
}
"""Reads beyond one tenant: the accounts of an address that signs in, and the log for the relay."""
UNREAD = {
    "partner_budget",
    "identity_provider",
    "staff_identity",
    "idempotency_key",
    "event",
    "authenticator",
    "passkey",
    "recovery_code",
    "one_time_secret",
    "mail",
}
"""What the compiled read path has no business with."""
UNIQUE_ACROSS_TENANTS = {"uq_tenant_slug", "pk_tenant"}
"""A slug is chosen by whoever runs the service and names the tenant in its address."""


@pytest.fixture
def catalog(world: Place) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(plain(world.url)) as connection:
        yield connection


def rows(catalog: psycopg.Connection[Any], query: str) -> list[Any]:
    return catalog.execute(query.encode()).fetchall()


def test_every_table_is_accounted_for(catalog: psycopg.Connection[Any]) -> None:
    found = {
        name
        for (name,) in rows(
            catalog,
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'f')",
        )
    }
    ours = {name for name in found if not name.startswith(QUEUE)}
    assert ours == {*TENANT_TABLES, *SHARED_TABLES}
    assert ours - {"alembic_version"} == set(models.Base.metadata.tables)


def test_what_has_a_tenant_is_behind_the_wall(catalog: psycopg.Connection[Any]) -> None:
    with_tenant = {
        name
        for (name,) in rows(
            catalog,
            "select table_name from information_schema.columns where table_schema = 'public' and "
            "column_name = 'tenant_id'",
        )
    }
    assert with_tenant == set(TENANT_TABLES)
    secured = rows(
        catalog,
        "select relname from pg_class where relnamespace = 'public'::regnamespace and "
        "relrowsecurity and relforcerowsecurity",
    )
    assert {name for (name,) in secured} == {*TENANT_TABLES, "tenant"}


def test_the_policies_are_the_wall_and_the_few_ways_around_it(catalog: psycopg.Connection[Any]) -> None:
    found = {
        (table, name): (permissive, cmd, set(roles), qual, check)
        for table, name, permissive, cmd, roles, qual, check in rows(
            catalog,
            "select tablename, policyname, permissive, cmd, roles::text[], qual, with_check from "
            "pg_policies where schemaname = 'public'",
        )
    }
    expected: dict[Any, Any] = {}
    for table in (*TENANT_TABLES, "tenant"):
        wall = WALL if table != "tenant" else WALL.replace("tenant_id", "id", 1)
        expected[table, "tenant_wall"] = ("PERMISSIVE", "ALL", {"public"}, wall, wall)
        if table not in UNREAD:
            expected[table, "compiled_reads"] = ("PERMISSIVE", "SELECT", {READER_ROLE}, "true", None)
    for table, condition in BEYOND.items():
        expected[table, "beyond_the_tenant"] = ("PERMISSIVE", "SELECT", {"public"}, condition, None)
    assert found == expected


@pytest.mark.parametrize("role", [APP_ROLE, READER_ROLE])
def test_the_roles_own_nothing_and_bypass_nothing(role: str, catalog: psycopg.Connection[Any]) -> None:
    flags = rows(
        catalog,
        f"select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin "
        f"from pg_roles where rolname = '{role}'",
    )
    assert flags == [(False,) * 6]
    for kind, name, owner in (
        ("pg_class", "relname", "relowner"),
        ("pg_proc", "proname", "proowner"),
        ("pg_namespace", "nspname", "nspowner"),
        ("pg_type", "typname", "typowner"),
    ):
        assert rows(catalog, f"select {name} from {kind} where {owner} = '{role}'::regrole") == []
    assert rows(catalog, f"select roleid::regrole::text from pg_auth_members where member = '{role}'::regrole") == []


def test_the_privileges_are_exactly_these(catalog: psycopg.Connection[Any]) -> None:
    found: dict[str, dict[str, set[str]]] = {APP_ROLE: {}, READER_ROLE: {}}
    query = (
        "select grantee, table_name, privilege_type from information_schema.role_table_grants "
        "where table_schema = 'public'"
    )
    for role, table, privilege in rows(catalog, query):
        if role in found and not table.startswith(QUEUE):
            found[role].setdefault(table, set()).add(privilege)
    assert found[APP_ROLE] == {**TENANT_TABLES, **SHARED_TABLES}
    assert found[READER_ROLE] == {table: READ for table in (*TENANT_TABLES, "tenant") if table not in UNREAD}
    everybody = (
        "select relname from pg_class, aclexplode(relacl) as one where relnamespace = "
        "'public'::regnamespace and one.grantee = 0"
    )
    assert rows(catalog, everybody) == []


def test_nothing_runs_with_the_rights_of_another(catalog: psycopg.Connection[Any]) -> None:
    """A definer's function, a plain view and a materialized view all see past the wall."""
    assert rows(catalog, "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace") == []
    assert (
        rows(catalog, "select relname from pg_class where relkind = 'm' and relnamespace = 'public'::regnamespace")
        == []
    )
    views = "select relname from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace"
    assert rows(catalog, f"{views} and not coalesce(reloptions, '{{}}') @> '{{security_invoker=true}}'") == []
    leaky = "select proname from pg_proc where proleakproof and pronamespace = 'public'::regnamespace"
    assert rows(catalog, leaky) == []


def test_every_primary_key_begins_with_the_tenant(catalog: psycopg.Connection[Any]) -> None:
    firsts = rows(catalog, _KEYS.format("i.indisprimary"))
    assert {table for table, _, first in firsts if first == "tenant_id"} == set(TENANT_TABLES)


def test_every_unique_index_begins_with_the_tenant(catalog: psycopg.Connection[Any]) -> None:
    """Otherwise the violation of one would tell a tenant what another has."""
    loose = {
        name
        for table, name, first in rows(catalog, _KEYS.format("i.indisunique"))
        if first != "tenant_id" and table in {*TENANT_TABLES, "tenant"}
    }
    assert loose == UNIQUE_ACROSS_TENANTS


_KEYS = """
select c.relname, x.relname, a.attname from pg_index i
join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
where c.relnamespace = 'public'::regnamespace and {}
"""


def test_every_foreign_key_carries_the_tenant_along(catalog: psycopg.Connection[Any]) -> None:
    query = """
    select c.conname, f.relname, t.relname,
      array(select attname from pg_attribute where attrelid = c.conrelid and attnum = any(c.conkey) order by
      array_position(c.conkey, attnum))::text[],
      array(select attname from pg_attribute where attrelid = c.confrelid and attnum = any(c.confkey) order by
      array_position(c.confkey, attnum))::text[]
    from pg_constraint c join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace
    """
    keys = [key for key in rows(catalog, query) if not key[1].startswith(QUEUE)]
    assert len(keys) > 20
    for name, _, target, columns, referred in keys:
        if target == "tenant":
            assert (columns, referred) == (["tenant_id"], ["id"]), name
        else:
            assert target in TENANT_TABLES, name
            assert columns[0] == referred[0] == "tenant_id", name


async def test_without_a_tenant_nothing_is_seen_and_nothing_can_be_written(world: Place) -> None:
    engine = application_engine(world.url, pool_size=1, overflow=0)
    try:
        for setting in (None, "", str(uuid.uuid4())):
            async with engine.connect() as connection:
                if setting is not None:
                    await connection.execute(
                        text("select set_config('app.tenant', :tenant, true)"), {"tenant": setting}
                    )
                for table in (*TENANT_TABLES, "tenant"):
                    assert await connection.scalar(text(f"select count(*) from {table}")) == 0, (setting, table)
                touched = await connection.execute(text("update organization set legal_name = 'Stolen'"))
                assert touched.rowcount == 0
    finally:
        await engine.dispose()


async def test_a_row_cannot_be_written_into_another_tenant(world: Place) -> None:
    mine, theirs = (uuid.UUID(world.world.tenants[slug][4:]) for slug in ("acme", "umbra"))
    engine = application_engine(world.url, pool_size=1, overflow=0)
    try:
        for statement in (
            "insert into organization (tenant_id, id, legal_name, short_name, status, kind, "
            "location) values (:theirs, :id, 'Xx', 'Xx', 'ACTIVE', 'COMPANY', 'LOCAL')",
            "update organization set tenant_id = :theirs",
            "update tenant set id = :theirs",
        ):
            async with writing(engine, mine) as session:
                with pytest.raises(Exception, match="row-level security"):
                    await session.execute(text(statement), {"theirs": theirs, "id": uuid.uuid4()})
    finally:
        await engine.dispose()


async def test_tenants_that_take_turns_on_one_connection_never_meet(world: Place) -> None:
    """300 transactions of every kind, in an order nobody chose, on a pool of one."""
    tenants = [uuid.UUID(id[4:]) for id in world.world.tenants.values()]
    dice = random.Random(2026)
    engine = application_engine(world.url, pool_size=1, overflow=0)
    try:
        for _ in range(300):
            tenant = dice.choice([*tenants, None])
            kind = dice.choice(["snapshot", "writing", "failing", "bare"])
            assert await _tenants_seen(engine, tenant, kind) <= {tenant}
    finally:
        await engine.dispose()


async def _tenants_seen(engine: Any, tenant: uuid.UUID | None, kind: str) -> set[Any]:
    query = text("select distinct tenant_id from organization union select distinct tenant_id from access_grant")
    if tenant is None or kind == "bare":
        async with engine.connect() as connection:
            return set((await connection.execute(query)).scalars())
    if kind == "snapshot":
        async with snapshot(engine, tenant) as connection:
            return set((await connection.execute(query)).scalars())
    async with writing(engine, tenant) as session:
        seen = set((await session.execute(query)).scalars())
        if kind == "failing":
            with pytest.raises(Exception, match="division by zero"):
                await session.execute(text("select 1/0"))
        else:
            await session.commit()
        return seen
