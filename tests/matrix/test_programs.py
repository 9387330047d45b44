"""Every field found by introspection, against an application's list: off the list it is refused, on it it is not."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import psycopg
import pytest

from domain.partners import ASKABLE
from tests.matrix.checking import Checker, Introspected
from tests.world.mirror import plain
from tests.world.serving import Place, asking

PROGRAM = "partner"
LEAST = 300
"""At least so many fields have a name that a list can hold; the matrix must not shrink unnoticed."""
_SET = "update partner_application set fields = %s where id = %s"


class Listed:
    """The application, whose list is written where it is kept."""

    def __init__(self, checker: Checker, connection: psycopg.Connection[Any]) -> None:
        self._ask, self._connection = checker.ask, connection
        self._id = uuid.UUID(checker.ask.world.users[PROGRAM][4:])

    async def refused(self, allowed: Iterable[str], document: str) -> set[str]:
        """The fields for which an operation is refused as a whole; empty if it is not refused."""
        self._connection.execute(_SET, (sorted(allowed), self._id))
        answer = await self._ask(PROGRAM, document, {"id": "nothing"})
        forbidden = [one["extensions"] for one in answer.get("errors", ()) if "data" not in answer]
        assert {one["code"] for one in forbidden} <= {"FIELD_FORBIDDEN"}, answer
        return {one["field"] for one in forbidden}


@pytest.fixture
async def listed(own_world: Place) -> AsyncGenerator[Listed]:
    with psycopg.connect(plain(own_world.url), autocommit=True) as connection:
        async with asking(own_world) as ask:
            yield Listed(Checker(ask, own_world.mirror), connection)


async def test_every_field_is_refused_when_it_alone_is_off_the_list(listed: Listed, checker: Checker) -> None:
    told = await Introspected.of(checker.ask)
    found: set[str] = set()
    for document in _documents(told):
        asked = await _asked(listed, document)
        assert await listed.refused(ASKABLE, document) == set()
        for name in asked:
            assert await listed.refused(ASKABLE - {name}, document) == {name}, document
        found |= asked
    elsewhere = {name for name in ASKABLE if name.startswith("Change.")}
    assert found == ASKABLE - elsewhere
    assert len(found) >= LEAST


async def _asked(listed: Listed, document: str) -> set[str]:
    """The names of all fields a document asks for; those below a field that is refused are told once it is not."""
    asked: set[str] = set()
    while more := await listed.refused(asked, document) - asked:
        # A list of rows of which nothing may be asked is refused as such: it has no name of its own.
        unnamed = more - ASKABLE
        assert {name.partition(".")[0] for name in unnamed} <= {"Query", "Viewer"}
        assert more - unnamed, unnamed
        asked |= more - unnamed
    return asked


def _documents(told: Introspected) -> list[str]:
    """They ask for every field of every type, each where it is reached."""
    selection = told.selection
    rows = [
        f"query($id: ID!) {{ nodes(ids: [$id]) {{ ... on {kind} {{ {selection(kind)} }} }} }}" for kind in told.nodes()
    ]
    roots = {
        "viewer": "Viewer",
        "auditTrail(first: 1) { nodes": "AuditEntry",
        "accessPreview(userId: $id, grants: [])": "AccessPreview",
        'checkPermission(slug: "jobs.view")': "PermissionCheck",
    }
    asked = ((root, selection(kind), " }" * root.count("{")) for root, kind in roots.items())
    # The id is used in each, as an unused variable would be a mistake.
    return [*rows, *(f"query($id: ID!) {{ node(id: $id) {{ __typename }} {a} {{ {b} }}{c} }}" for a, b, c in asked)]
