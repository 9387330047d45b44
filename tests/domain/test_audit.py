"""The audit trail: every change of access is in it, in an unbroken chain, and whatever is done to it is found."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from auth.actor import system_actor
from domain import access, audit
from domain.audit import Break, Head
from models import Grant, User
from models.database import application_engine, writing
from outbox.commit import Publisher
from outbox.fence import Fence
from outbox.wire import Wire
from tests.domain.test_refusals import new_world, own_world, seeded, world
from tests.world.mirror import plain
from tests.world.seed import NOW
from tests.world.serving import Place, asking

__all__ = ["new_world", "own_world", "seeded", "world"]

ALL = """{ auditTrail(first: 100) { nodes { sequence hash previousHash action bySystem actor { id } user { id }
  organization { id } site { id } changes { field before after } } pageInfo { hasNextPage endCursor } } }"""


def tenant_of(place: Place) -> uuid.UUID:
    return uuid.UUID(place.world.tenants["acme"][4:])


async def granted(place: Place, *names: str, to: str = "clerk") -> None:
    """Grant through the one place that commits, each in a transaction of its own."""
    engine = application_engine(place.url)
    wire = Wire(place.url)
    publisher = Publisher(Fence(engine, wire))
    tenant = tenant_of(place)
    try:
        for name in names:
            async with writing(engine, tenant) as session:
                user = await session.get_one(User, (tenant, uuid.UUID(place.world.users[to][4:])))
                await access.grant(session, system_actor(tenant), user, name=name, at=user.place)
                await publisher.commit(session)
    finally:
        await wire.stop()
        await engine.dispose()


async def verified(place: Place, remembered: Head | None = None) -> Head | Break:
    engine = application_engine(place.url)
    try:
        async with writing(engine, tenant_of(place)) as session:
            return await audit.verify(session, tenant_of(place), remembered)
    finally:
        await engine.dispose()


def tamper(place: Place, statement: str) -> None:
    """As the tables' owner, whom no privilege stops."""
    with psycopg.connect(plain(place.url)) as connection:
        connection.execute(statement.encode())


FIVE = ("finance", "dispatcher", "clients.edit", "sites.edit", "jobs.cost")


async def test_a_chain_nobody_touched_holds(own_world: Place) -> None:
    assert await verified(own_world) == Head(0, audit.BEGINNING)
    await granted(own_world, *FIVE)
    head = await verified(own_world)
    assert isinstance(head, Head)
    assert head.sequence == 5
    assert await verified(own_world, head) == head


TAMPERING: Sequence[tuple[str, str, int]] = (
    ("a value is changed", 'update audit_entry set after = \'{"name": "clients.view"}\' where sequence = 3', 3),
    ("the actor is changed", "update audit_entry set actor_id = gen_random_uuid() where sequence = 2", 2),
    ("the time is changed", "update audit_entry set at = at - interval '1 microsecond' where sequence = 5", 5),
    ("an entry is deleted", "delete from audit_entry where sequence = 2", 2),
    ("the first is deleted", "delete from audit_entry where sequence = 1", 1),
    (
        "an entry is deleted and the others close up",
        "delete from audit_entry where sequence = 2; update audit_entry set sequence = -(sequence - 1) where"
        " sequence > 2; update audit_entry set sequence = -sequence where sequence < 0",
        2,
    ),
    (
        "two change places",
        "update audit_entry set sequence = -sequence where sequence in (2, 3);"
        " update audit_entry set sequence = case sequence when -2 then 3 else 2 end where sequence < 0",
        2,
    ),
    ("a hash is made up", "update audit_entry set hash = sha256('x') where sequence = 4", 4),
)


@pytest.mark.parametrize(("what", "statement", "found"), TAMPERING, ids=[one[0] for one in TAMPERING])
async def test_what_is_done_to_the_chain_is_found(what: str, statement: str, found: int, own_world: Place) -> None:
    await granted(own_world, *FIVE)
    for part in statement.split(";"):
        tamper(own_world, part)
    verdict = await verified(own_world)
    assert isinstance(verdict, Break), what
    assert verdict.sequence == found


async def test_what_is_cut_off_or_written_anew_is_found_by_a_head_that_was_kept(own_world: Place) -> None:
    await granted(own_world, *FIVE)
    kept = await verified(own_world)
    assert isinstance(kept, Head)
    tamper(own_world, "delete from audit_entry where sequence > 3")
    assert isinstance(await verified(own_world), Head)
    assert await verified(own_world, kept) == Break(4, "the chain was cut off: it had 5 entries")
    await granted(own_world, "contracts.view", "contracts.edit", "rates.view")
    assert isinstance(await verified(own_world), Head)
    verdict = await verified(own_world, kept)
    assert isinstance(verdict, Break)
    assert verdict.sequence == 5


async def test_twenty_changes_at_once_make_one_chain_without_a_gap(own_world: Place) -> None:
    viewers = [name for name in own_world.world.users if name.startswith("portal_")]
    await asyncio.gather(*(granted(own_world, "contacts", "billing", "requests", to=name) for name in viewers[:6]))
    head = await verified(own_world)
    assert isinstance(head, Head)
    assert head.sequence == 18


async def test_the_application_can_neither_change_nor_delete_an_entry(own_world: Place) -> None:
    await granted(own_world, "finance")
    engine = application_engine(own_world.url)
    try:
        for statement in (
            "update audit_entry set action = 'Nothing'",
            "delete from audit_entry",
            "truncate audit_entry",
        ):
            async with writing(engine, tenant_of(own_world)) as session:
                with pytest.raises(Exception, match="permission denied"):
                    await session.execute(text(statement))
    finally:
        await engine.dispose()


async def test_what_was_refused_or_taken_back_leaves_no_entry(own_world: Place) -> None:
    engine = application_engine(own_world.url)
    tenant = tenant_of(own_world)
    try:
        async with writing(engine, tenant) as session:
            row = await session.get_one(Grant, (tenant, uuid.UUID(_grant(own_world)[4:])))
            user = await session.get_one(User, (tenant, row.user_id))
            await access.revoke(session, system_actor(tenant), user, row, on=NOW)
    finally:
        await engine.dispose()
    async with asking(own_world) as ask:
        given = {"userId": own_world.world.users["clerk"], "placeId": own_world.world.tenants["acme"], "name": "jobs"}
        document = "mutation($i: GrantAccessInput!) { grantAccess(input: $i) { userErrors { code } } }"
        answer = await ask("administrator", document, {"i": given})
        assert answer["data"]["grantAccess"]["userErrors"] == [{"code": "NOT_GRANTABLE"}]
        assert (await ask("administrator", ALL))["data"]["auditTrail"]["nodes"] == []


def _grant(place: Place) -> str:
    found = {"user": place.world.users["clerk"], "name": "clients.view", "archivedAt": None}
    return next(row["id"] for row in place.mirror.rows["Grant"].values() if found.items() <= row.items())


COMMAND = "mutation($i: %s) { %s(input: $i) { userErrors { code } } }"


async def commanded(ask: Any, viewer: str, name: str, given: dict[str, Any]) -> None:
    kind = f"{name[0].upper()}{name[1:]}Input!"
    answer = await ask(viewer, COMMAND % (kind, name), {"i": given})
    assert answer["data"][name]["userErrors"] == [], (name, answer)


async def test_who_changed_what_when_from_what_to_what(own_world: Place) -> None:
    """Every command that changes access is told, to whoever may see access at its place, and to nobody else."""
    users, tenant = own_world.world.users, own_world.world.tenants["acme"]
    cedar = own_world.mirror.one("Organization", shortName="Cedar", tenant=tenant)["id"]
    alder = own_world.mirror.one("Organization", shortName="Alder", tenant=tenant)["id"]
    administrator, party = users["administrator"], users["portal_party"]
    async with asking(own_world) as ask:
        await commanded(ask, "administrator", "grantAccess", {"userId": party, "placeId": cedar, "name": "billing"})
        await commanded(ask, "administrator", "suspendUser", {"id": party})
        await commanded(ask, "administrator", "reactivateUser", {"id": party})
        await commanded(
            ask, "administrator", "grantAccess", {"userId": users["clerk"], "placeId": tenant, "name": "finance"}
        )
        own = {"userId": users["portal_nothing"], "placeId": alder, "name": "jobs"}
        await commanded(ask, "administrator", "grantAccess", own)
        whole = (await ask("administrator", ALL))["data"]["auditTrail"]["nodes"]
        assert [one["sequence"] for one in whole] == [5, 4, 3, 2, 1]
        assert [one["previousHash"] for one in whole] == [one["hash"] for one in whole[1:]] + ["00" * 32]
        told = [(one["action"], one["user"]["id"], one["organization"] and one["organization"]["id"]) for one in whole]
        assert told == [
            ("AccessGranted", users["portal_nothing"], alder),
            ("AccessGranted", users["clerk"], None),
            ("UserReactivated", party, cedar),
            ("UserSuspended", party, cedar),
            ("AccessGranted", party, cedar),
        ]
        assert whole[3]["changes"] == [{"field": "status", "before": "ACTIVE", "after": "SUSPENDED"}]
        assert {one["actor"]["id"] for one in whole} == {administrator}

        mine = (await ask("cedar_access", ALL))["data"]["auditTrail"]["nodes"]
        assert [(one["action"], one["user"]["id"]) for one in mine] == [
            ("UserReactivated", party), ("UserSuspended", party), ("AccessGranted", party),
        ]  # fmt: skip
        # Whom they may not see is not named, nor is it said how much there is that they do not see.
        assert {(one["actor"], one["sequence"], one["hash"], one["previousHash"]) for one in map(_flat, mine)} == {
            (None, None, None, None)
        }
        for viewer in ("clerk", "account_manager", "portal_manager", "nobody", "foreign_administrator"):
            assert (await ask(viewer, ALL))["data"]["auditTrail"]["nodes"] == []


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "actor": one["actor"] and one["actor"]["id"]}


def _same_shape(page: dict[str, Any], after: str | None) -> None:
    """The trail is a connection like all others."""
    assert [one["node"] for one in page["edges"]] == page["nodes"]
    cursors = [one["cursor"] for one in page["edges"]] or [None]
    assert (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]) == (cursors[0], cursors[-1])
    assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
    assert page["totalCountCapped"] is False


async def test_pages_and_filters(own_world: Place) -> None:
    await granted(own_world, *FIVE)
    await granted(own_world, "finance", to="dispatcher")
    clerk, dispatcher = own_world.world.users["clerk"], own_world.world.users["dispatcher"]
    page = "query($a: String, $f: AuditFilter) { auditTrail(first: 2, after: $a, filter: $f) { nodes { sequence }"
    page += " edges { cursor node { sequence } } totalCount totalCountCapped"
    page += " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"

    async with asking(own_world) as ask:

        async def sequences(**chosen: Any) -> list[int]:
            after, found, counted = None, list[int](), set[int]()
            while True:
                answer = (await ask("administrator", page, {"a": after, "f": chosen}))["data"]["auditTrail"]
                found += [one["sequence"] for one in answer["nodes"]]
                counted.add(answer["totalCount"])
                _same_shape(answer, after)
                after = answer["pageInfo"]["endCursor"]
                if not answer["pageInfo"]["hasNextPage"]:
                    assert counted == {len(found)}
                    return found

        assert await sequences() == [6, 5, 4, 3, 2, 1]
        assert await sequences(user=clerk) == [5, 4, 3, 2, 1]
        assert await sequences(user=dispatcher) == [6]
        assert await sequences(actor=clerk) == []
        assert await sequences(user="nonsense") == []
        assert await sequences(actions=["AccessRevoked"]) == []
        assert await sequences(actions=["AccessGranted"], user=dispatcher) == [6]
        assert await sequences(since="2100-01-01T00:00:00Z") == []
        assert await sequences(before="2100-01-01T00:00:00Z") == [6, 5, 4, 3, 2, 1]
        assert await sequences(at=own_world.mirror.one("Organization", shortName="Cedar")["id"]) == []
        cursor = (await ask("administrator", page))["data"]["auditTrail"]["pageInfo"]["endCursor"]
        for after in (cursor[:-4] + "AAAA", "", "x"):
            answer = await ask("administrator", page, {"a": after})
            assert answer["errors"][0]["extensions"]["code"] == "CURSOR_INVALID"
        stolen = await ask("access_manager", page, {"a": cursor})
        assert stolen["errors"][0]["extensions"]["code"] == "CURSOR_INVALID"
