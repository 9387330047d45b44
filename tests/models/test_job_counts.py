"""The kept numbers of jobs are those one would count, whoever has changed what at the same time."""

import random
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from models.database import APP_ROLE
from models.job import NO_CONTRACT
from tests.world.mirror import plain
from tests.world.serving import Place

GROUP = f"array[organization_id, site_id, coalesce(contract_id, '{NO_CONTRACT}')]::text"
COUNTED = f"select {GROUP}, count(*) from job where archived_at is null group by 1"
KEPT = f"select {GROUP}, sum(number) from job_count group by 1 having sum(number) <> 0"
ADDED = """
insert into job (tenant_id, organization_id, site_id, contract_id, id, reference, title, status, priority,
  scheduled_at)
select c.tenant_id, c.organization_id, c.site_id, c.id, new, new::text, 'A job', 'SCHEDULED', 'NORMAL', now()
from contract c, unnest(%s::uuid[]) new where c.id = %s
"""
MOVED = """
update job set (organization_id, site_id, contract_id) =
(select organization_id, site_id, id from contract where id = %s) where id = %s
"""
ARCHIVED = "update job set archived_at = case when archived_at is null then now() end where id = %s"
RENAMED = "update job set title = title || '.', status = 'SCHEDULED' where id = %s"
Connection = psycopg.Connection[Any]


def told(place: Place, query: str) -> dict[str, int]:
    with psycopg.connect(plain(place.url)) as connection:
        return {group: int(number) for group, number in connection.execute(query.encode()).fetchall()}


def contracts(place: Place) -> list[tuple[uuid.UUID, uuid.UUID]]:
    with psycopg.connect(plain(place.url)) as connection:
        found = connection.execute(
            "select tenant_id, id from contract where site_id is not null order by id"
        ).fetchall()
    return [(tenant, id) for tenant, id in found]


@contextmanager
def acting(place: Place, tenant: uuid.UUID) -> Iterator[Connection]:
    """A transaction of a serving process, which the caller ends."""
    with psycopg.connect(plain(place.url), options=f"-c role={APP_ROLE} -c lock_timeout=5s") as connection:
        connection.execute("select set_config('app.tenant', %s, false)", [str(tenant)])
        yield connection


def test_what_there_was_is_counted(world: Place) -> None:
    assert told(world, COUNTED)
    assert told(world, KEPT) == told(world, COUNTED)


def test_jobs_that_come_go_and_move(own_world: Place) -> None:
    (tenant, one), *others = contracts(own_world)
    other = next(id for of, id in others if of == tenant)
    ids = [uuid.uuid4() for _ in range(5)]
    with acting(own_world, tenant) as connection:
        for statement, given in (
            (ADDED, [ids, one]),
            (MOVED, [other, ids[0]]),
            (ARCHIVED, [ids[1]]),
            (MOVED, [other, ids[1]]),
            (ARCHIVED, [ids[1]]),
            (ARCHIVED, [ids[2]]),
            (RENAMED, [ids[3]]),
            ("update job set contract_id = null where id = %s", [ids[4]]),
            ("update job set archived_at = now() where contract_id = %s", [other]),
        ):
            connection.execute(statement.encode(), given)
            connection.commit()
            assert told(own_world, KEPT) == told(own_world, COUNTED), statement
    with psycopg.connect(plain(own_world.url)) as owner:
        owner.execute("delete from job where id = any(%s)", [ids])
    assert told(own_world, KEPT) == told(own_world, COUNTED)


def test_what_is_rolled_back_was_never_counted(own_world: Place) -> None:
    tenant, contract = contracts(own_world)[0]
    before = told(own_world, KEPT)
    with acting(own_world, tenant) as connection:
        connection.execute(ADDED, [[uuid.uuid4()], contract])
        connection.rollback()
    assert told(own_world, KEPT) == before


def test_nobody_waits_for_another_who_adds_to_the_same_contract(own_world: Place) -> None:
    tenant, contract = contracts(own_world)[0]
    with acting(own_world, tenant) as first, acting(own_world, tenant) as second:
        first.execute(ADDED, [[uuid.uuid4()], contract])
        second.execute(ADDED, [[uuid.uuid4()], contract])
        second.commit()
        assert told(own_world, KEPT) == told(own_world, COUNTED)
        first.commit()
    assert told(own_world, KEPT) == told(own_world, COUNTED)


def test_one_after_the_other_uses_one_slot(own_world: Place) -> None:
    tenant, contract = contracts(own_world)[0]
    with acting(own_world, tenant) as connection:
        for _ in range(20):
            connection.execute(ADDED, [[uuid.uuid4()], contract])
            connection.commit()
        slots = connection.execute("select count(*) from job_count where contract_id = %s", [contract]).fetchone()
    assert slots == (1,)


@pytest.mark.parametrize("seed", range(3))
def test_many_at_once(own_world: Place, seed: int) -> None:
    """Eight writers, each in transactions of some changes, some of them rolled back."""
    of_all = contracts(own_world)
    tenant = of_all[0][0]
    ids = [id for of, id in of_all if of == tenant]
    jobs = [uuid.uuid4() for _ in range(8)]

    def write(number: int) -> None:
        chance = random.Random(f"{seed}/{number}")
        own = [jobs[number]]
        with acting(own_world, tenant) as connection:
            connection.execute(ADDED, [own, chance.choice(ids)])
            connection.commit()
            for _ in range(25):
                mine = list(own)
                for _ in range(chance.randint(1, 4)):
                    _change(connection, chance, mine, ids)
                if chance.random() < 0.2:
                    connection.rollback()
                else:
                    connection.commit()
                    own = mine

    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(write, range(8)))
    assert told(own_world, KEPT) == told(own_world, COUNTED)
    slots = told(own_world, f"select {GROUP}, count(*) from job_count group by 1")
    assert max(slots.values()) <= 3 * 8


def _change(connection: Connection, chance: random.Random, own: list[uuid.UUID], contracts: list[uuid.UUID]) -> None:
    kind = chance.randrange(3)
    if kind == 0:
        more = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(chance.randint(1, 3))]
        connection.execute(ADDED, [more, chance.choice(contracts)])
        own += more
    elif kind == 1:
        connection.execute(MOVED, [chance.choice(contracts), chance.choice(own)])
    else:
        connection.execute(ARCHIVED, [chance.choice(own)])
