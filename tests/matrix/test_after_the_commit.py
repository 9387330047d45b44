"""What a command answers with rests on the rights there are when it has been carried out, in both ways to read it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from outbox.commit import Publisher
from tests.matrix.samples import Found
from tests.world.mirror import plain
from tests.world.serving import Ask, Place, asking

RENAME = """mutation($i: UpdateSiteInput!) { updateSite(input: $i) {
  site { name internalNotes organization { shortName } viewerPermissions } userErrors { code } } }"""
ENROL = """mutation($i: CreatePartnerApplicationInput!) { createPartnerApplication(input: $i) {
  secret userErrors { code } } }"""
FOUND = """mutation($i: CreateOrganizationInput!) { createOrganization(input: $i) {
  organization { id internalNotes viewerPermissions } userErrors { code } } }"""
LOOK = "query($id: ID!) { node(id: $id) { ... on Organization { id internalNotes viewerPermissions } } }"
END = "update session set ended_at = now() where user_id = %s"
REVOKE = "update access_grant set archived_at = now() where user_id = %s and archived_at is null"
SUSPEND = "update app_user set status = 'SUSPENDED' where id = %s"
DISMISS = "update access_grant set archived_at = now() where user_id = %s and name = 'administrator'"


class Meanwhile(Publisher):
    """Something happens to whoever gives a command when it has been committed, before it is answered."""

    happens: Any = staticmethod(lambda: None)

    async def commit(self, session: Any) -> None:
        await super().commit(session)
        self.happens()


@pytest.fixture(params=["compiled", "field by field"])
async def ask(request: pytest.FixtureRequest, own_world: Place) -> AsyncIterator[Ask]:
    async with asking(own_world, Meanwhile) as made:
        if request.param == "field by field":
            made.operations.compiled = None
        yield made


def meanwhile(ask: Ask, place: Place, viewer: str, statement: str) -> None:
    def happen() -> None:
        with psycopg.connect(plain(place.url), autocommit=True) as connection:
            connection.execute(statement, (place.world.users[viewer][4:],))

    ask.operations.services.publisher.happens = happen  # type: ignore[attr-defined]


def rename(place: Place) -> dict[str, Any]:
    site = Found(place.mirror, place.world).site("Alder/North")
    return {"i": {"id": site, "name": "Northern", "idempotencyKey": "k"}}


def name_in(place: Place, given: dict[str, Any]) -> Any:
    with psycopg.connect(plain(place.url)) as connection:
        return connection.execute("select name from site where id = %s", (given["i"]["id"][4:],)).fetchone()


async def test_what_a_right_taken_away_covered_is_not_shown(ask: Ask, own_world: Place) -> None:
    given = rename(own_world)
    meanwhile(ask, own_world, "administrator", REVOKE)
    answer = await ask("administrator", RENAME, given)
    assert answer == {"data": {"updateSite": {"site": None, "userErrors": []}}}
    assert name_in(own_world, given) == ("Northern",)


async def test_a_secret_is_shown_to_whoever_still_sees_what_it_is_of(ask: Ask, own_world: Place) -> None:
    shown = await ask("administrator", ENROL, {"i": {"name": "One"}})
    assert len(shown["data"]["createPartnerApplication"]["secret"]) > 30
    meanwhile(ask, own_world, "administrator", DISMISS)
    hidden = await ask("administrator", ENROL, {"i": {"name": "Two"}})
    assert hidden["data"]["createPartnerApplication"] == {"secret": None, "userErrors": []}


@pytest.mark.parametrize("statement", [END, SUSPEND])
async def test_whoever_is_nobody_by_then_learns_that_it_was_done(statement: str, ask: Ask, own_world: Place) -> None:
    given = rename(own_world)
    meanwhile(ask, own_world, "administrator", statement)
    answer = await ask("administrator", RENAME, given)
    assert answer["data"] is None
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["RESULT_WITHHELD"]
    assert name_in(own_world, given) == ("Northern",)
    again = await ask("administrator", RENAME, given)
    assert [one["extensions"]["code"] for one in again["errors"]] == ["UNAUTHENTICATED"]


async def test_a_command_shows_what_it_gives_its_own_sender(ask: Ask) -> None:
    """Whoever founds a client looks after it from then on, and sees it by the rights that brings."""
    found = {"i": {"legalName": "Quince Limited", "shortName": "Quince", "location": "LOCAL"}}
    answer = await ask("account_manager", FOUND, found)
    row = answer["data"]["createOrganization"]["organization"]
    assert row is not None
    looked = await ask("account_manager", LOOK, {"id": row["id"]})
    assert looked["data"]["node"] == row


async def test_repeated_under_its_key_it_is_answered_under_the_rights_of_now(ask: Ask, own_world: Place) -> None:
    given = rename(own_world)
    first = await ask("administrator", RENAME, given)
    assert first["data"]["updateSite"]["site"]["name"] == "Northern"
    assert await ask("administrator", RENAME, given) == first
    meanwhile(ask, own_world, "administrator", REVOKE)
    later = await ask("administrator", RENAME, given)
    assert later == {"data": {"updateSite": {"site": None, "userErrors": []}}}


async def test_in_how_many_statements(ask: Ask, own_world: Place) -> None:
    """Nothing is read before the transaction; within it three say who and where, and two are the savepoint's."""
    seen: list[str] = []

    def see(*said: Any) -> None:
        seen.append(said[2].split("\n")[0].split(" ")[0])

    given = {"id": Found(own_world.mirror, own_world.world).site("Alder/North")}
    bare = "mutation($i: UpdateSiteInput!) { updateSite(input: $i) { userErrors { code } } }"
    for document in (RENAME, bare):
        await ask("administrator", document, {"i": given | {"name": f"Warm {len(document)}"}})
    event.listen(ask.operations.services.engine.sync_engine, "before_cursor_execute", see)
    await ask("administrator", bare, {"i": given | {"name": "Bare"}})
    alone = ["select", "SELECT", "SELECT", "SAVEPOINT", "SELECT", "UPDATE", "INSERT", "RELEASE"]
    assert seen == alone
    seen.clear()
    await ask("administrator", RENAME, {"i": given | {"name": "Shown"}})
    by_loaders = ["set", "select", "SELECT", "SELECT", "SELECT"]
    assert seen == alone + ([] if ask.operations.compiled else by_loaders)
