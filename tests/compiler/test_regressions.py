"""Every document that once had two answers."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy import text as statement

import models
from auth.permissions import Permission
from models.database import snapshot
from resolvers.context import Denials
from resolvers.cursors import Seal
from resolvers.ids import encode
from server.errors import denied
from tests.compiler.arena import SECRET, Arena, Case, answered

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def sealed(arena: Arena, viewer: str, order: str, value: Any) -> str:
    seal = Seal.derive(SECRET, arena.viewer(viewer).user_id, "Job.*", order)
    return seal.write(value, uuid.UUID(int=7))


async def same(arena: Arena, viewer: str, text: str, **variables: Any) -> Any:
    before = arena.counting.compiled
    case = Case(text, variables, None, arena.viewer(viewer))
    difference = await arena.difference(case)
    assert difference is None, f"{case}\nordinary: {difference[0]}\ncompiled: {difference[1]}"
    return await answered(arena.compiled, case), arena.counting.compiled > before


@pytest.mark.parametrize(
    "alias", ["o", "p", "a", "c", "n", "body", "head", "tail", "more", "f0", "t1", "me", "place", "key"]
)
async def test_an_alias_is_not_taken_for_a_name_of_ours(executors: Arena, alias: str) -> None:
    """``row_to_json(o)`` took the key ``o`` for the row; ``n`` and ``body`` were ambiguous."""
    ends = "pageInfo { startCursor endCursor hasNextPage }"
    for text in (
        f"{{ {alias}: viewer {{ {alias}: name }} }}",
        f"{{ {alias}: jobs(first: 2) {{ {alias}: nodes {{ {alias}: title }} }} }}",
        f"{{ jobs(last: 2) {{ {alias}: edges {{ {alias}: cursor }} more: nodes {{ id }} n: {ends} }} }}",
        f"{{ jobs(first: 2) {{ nodes {{ {alias}: site {{ {alias}: organization {{ id }} }} }} totalCount }} }}",
    ):
        if text.count("more:") > 1 or text.count("n:") > 1:
            continue
        _, compiled = await same(executors, "administrator", text)
        assert compiled


@pytest.mark.parametrize("viewer", ["account_manager", "portal_two_sites", "raw"])
async def test_nothing_is_asked_of_a_list(executors: Arena, viewer: str) -> None:
    """What was bound for conditions nobody needed was a parameter without a type."""
    for text in (
        "{ users(first: 1) { totalCount @skip(if: true) } }",
        "{ jobs(first: 1) { ... @skip(if: true) { nodes { id } } __typename } }",
        '{ reports(last: 1, filter: {search: "a"}) { pageInfo { __typename } } }',
        "{ viewer { ... @include(if: false) { name } } }",
    ):
        _, compiled = await same(executors, viewer, text)
        assert compiled


@pytest.mark.parametrize("moment", [FIRST, LAST], ids=["first", "last"])
@pytest.mark.parametrize("order", ["SCHEDULED", "SCHEDULED_DESC"])
@pytest.mark.parametrize("side", ["after", "before"])
async def test_the_first_and_the_last_moment_are_no_infinities(
    executors: Arena, moment: datetime, order: str, side: str
) -> None:
    """The driver sent both as infinity."""
    cursor = sealed(executors, "administrator", order, moment)
    text = f'{{ jobs(first: 100, order: {order}, {side}: "{cursor}") {{ nodes {{ id scheduledAt }} totalCount }} }}'
    _, compiled = await same(executors, "administrator", text)
    assert compiled


@pytest.mark.parametrize(
    "chosen",
    [
        'scheduled: {since: "9999-12-31T23:59:59.999999Z"}',
        'scheduled: {before: "0001-01-01T00:00:00Z"}',
        'scheduled: {since: "0999-06-01T12:00:00Z", before: "9999-12-31T23:59:59.999999Z"}',
        'updatedSince: "0001-01-01T00:00:00Z"',
    ],
)
async def test_filters_at_the_edges_of_time(executors: Arena, chosen: str) -> None:
    _, compiled = await same(
        executors, "administrator", f"{{ jobs(first: 100, filter: {{{chosen}}}) {{ nodes {{ id }} }} }}"
    )
    assert compiled


async def test_days_at_the_edges_of_time(executors: Arena) -> None:
    for chosen in ('{since: "9999-12-31"}', '{before: "9999-12-31"}', '{since: "0001-01-01", before: "0001-01-02"}'):
        text = f"{{ contracts(first: 100, filter: {{starts: {chosen}}}) {{ nodes {{ startOn }} }} }}"
        _, compiled = await same(executors, "administrator", text)
        assert compiled


@pytest.mark.parametrize("fields", ["totalCount", "__typename", "totalCountCapped @skip(if: true)"])
async def test_a_cursor_is_judged_even_if_no_row_is_read(executors: Arena, fields: str) -> None:
    answer, _ = await same(executors, "administrator", f'{{ jobs(first: 1, after: "x") {{ {fields} }} }}')
    assert answer["errors"][0]["extensions"]["code"] == "CURSOR_INVALID"


async def test_a_null_for_an_argument_that_has_a_default(executors: Arena) -> None:
    """The compiler looked into the null."""
    head = "query ($order: JobOrder, $archived: Archived)"
    text = head + " { jobs(first: 1, order: $order, archived: $archived) { totalCount } }"
    for variables in ({"order": None}, {"archived": None}, {"order": "REFERENCE"}, {}):
        await same(executors, "administrator", text, **variables)


async def test_a_null_within_a_list(executors: Arena) -> None:
    """The whole filter was dropped, and every row shown."""
    text = "query ($status: JobStatus) { jobs(first: 9, filter: {status: [$status]}) { totalCount } }"
    for variables in ({"status": None}, {}, {"status": "COMPLETED"}):
        await same(executors, "administrator", text, **variables)


async def test_a_year_of_less_than_four_digits(executors: Arena) -> None:
    """Ordinary execution wrote the year 999 as three digits."""
    text = '{ jobs(first: 100, filter: {scheduled: {before: "1000-01-01T00:00:00Z"}}) { nodes { scheduledAt } } }'
    answer, compiled = await same(executors, "administrator", text)
    assert compiled
    years = {one["scheduledAt"][:5] for one in answer["data"]["jobs"]["nodes"]}
    assert years <= {"0001-", "0999-"}
    assert years


async def test_people_and_what_they_are(executors: Arena) -> None:
    """Both were made in Python and kept whole documents from being compiled."""
    staff = "membership { id jobTitle user { membership { id } } }"
    client = "portalUser { contact { name } user { id } }"
    text = f"{{ users(first: 100) {{ nodes {{ {staff} {client} }} }} }}"
    for viewer in ("administrator", "access_manager", "portal_organization", "nobody"):
        _, compiled = await same(executors, viewer, text)
        assert compiled


REFUSED = 'accessPreview(userId: $user, grants: [{name: "jobs", placeId: "sit_x"}]) { epoch }'


@pytest.mark.parametrize("viewer", ["portal_two_sites", "access_manager", "administrator", "portal_organization"])
async def test_a_refusal_of_the_whole_is_told_alone(executors: Arena, viewer: str) -> None:
    """What was denied beside it before it came was told as well, or not, as chance had it."""
    user = encode(models.User, executors.viewer(viewer).user_id)
    beside = "contacts(last: 20) { nodes { privatePhone changeRequests(first: 1) { totalCount nodes { id } } } }"
    for text in (
        f"query($user: ID!) {{ {beside} {REFUSED} }}",
        f"query($user: ID!) {{ {beside} one: {REFUSED} other: {REFUSED} }}",
    ):
        for _ in range(3):
            answer, _ = await same(executors, viewer, text, user=user)
            assert answer["data"] is None
            assert {one["extensions"]["code"] for one in answer["errors"]} == {"NOT_FOUND"}


def test_of_what_is_no_part_of_the_answer_nothing_is_told() -> None:
    denials = Denials()
    denials.note("Contact", "privatePhone", Permission.VIEW_PRIVATE_PHONES, ("list", 0, "phone"))
    for data in (None, {"list": None}, {"list": []}, {"list": [None]}, {"list": [{}]}):
        assert list(denied(denials, data)) == []
    (error,) = denied(denials, {"list": [{"phone": None}]})
    assert error["path"] == ["list", 0, "phone"]


async def test_a_statement_that_is_given_up_leaves_a_snapshot_that_can_be_closed(executors: Arena) -> None:
    """Its connection is lost, and the end of the transaction said so instead of what had happened."""
    engine = executors.services.engine
    async with snapshot(engine, executors.companies[0].tenant_id) as connection:
        backend = await connection.scalar(statement("select pg_backend_pid()"))
        slow = asyncio.create_task(connection.execute(statement("select pg_sleep(60)")))
        with create_engine(engine.url, poolclass=NullPool).connect() as other:
            asks = statement("select query like '%pg_sleep%' from pg_stat_activity where pid = :pid")
            while not other.scalar(asks, {"pid": backend}):
                other.rollback()
                await asyncio.sleep(0.01)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
