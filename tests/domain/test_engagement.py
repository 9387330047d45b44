"""Engagement managers, where several things happen at once."""

from __future__ import annotations

import asyncio

import psycopg

from tests.domain.test_refusals import new_world, own_world, seeded, world
from tests.world.mirror import plain
from tests.world.serving import Place, asking

__all__ = ["new_world", "own_world", "seeded", "world"]

CREATE = """mutation($i: CreateOrganizationInput!) { createOrganization(input: $i) {
  organization { id } userErrors { code } } }"""
UPDATE = "mutation($i: UpdateOrganizationInput!) { updateOrganization(input: $i) { userErrors { code } } }"


async def test_whoever_creates_many_at_once_manages_all_of_them(own_world: Place) -> None:
    """Each gives the right to its sender, whose rights the others hold still: none of them may wait for another."""
    async with asking(own_world) as ask:
        made = await asyncio.gather(
            *(
                ask(
                    "account_manager",
                    CREATE,
                    {"i": {"legalName": f"Q{n} Ltd", "shortName": f"Q{n}", "location": "LOCAL"}},
                )
                for n in range(12)
            )
        )
    answers = [one["data"]["createOrganization"] for one in made]
    assert [one["userErrors"] for one in answers] == [[]] * 12
    with psycopg.connect(plain(own_world.url)) as connection:
        query = "select cause from access_grant where name = 'mail.cto' and user_id = %s and archived_at is null"
        found = connection.execute(query, (own_world.world.users["account_manager"][4:],)).fetchall()
    assert {cause for (cause,) in found} == {
        f"OWNER:{one['organization']['id'].removeprefix('org_')}" for one in answers
    }


async def test_of_many_who_name_a_manager_at_once_one_is_right(own_world: Place) -> None:
    alder = own_world.mirror.one("Organization", shortName="Alder", tenant=own_world.world.tenants["acme"])["id"]
    names = ("clerk", "finance", "dispatcher", "operations_lead", "access_manager")
    async with asking(own_world) as ask:
        given = [{"id": alder, "ownerId": own_world.world.users[name]} for name in names]
        await asyncio.gather(*(ask("administrator", UPDATE, {"i": one}) for one in given))
    with psycopg.connect(plain(own_world.url)) as connection:
        owner = connection.execute("select owner_id from organization where id = %s", (alder[4:],)).fetchone()
        query = "select user_id from access_grant where cause = %s and archived_at is null"
        found = connection.execute(query, (f"OWNER:{alder[4:]}",)).fetchall()
    assert found == [owner]
