"""What a plan was chosen by is a hint: the statement itself finds out when rights or sessions have changed since."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from auth.grants import Credential
from compiler.plan import NotCompiled
from compiler.shape import Standing
from server.operations import Operations
from server.reads import ActorStandings
from tests.compiler.arena import SECRET, Arena, Case, Counting, answered
from tests.compiler.company import Viewer

JOBS = "{ jobs(first: 100) { totalCount nodes { id } } viewer { epoch permissions } }"
REVOKE = "update access_grant set archived_at = now() where user_id = :user and archived_at is null"
TOUCH = "update access_grant set version = version + 1 where user_id = :user"
END = "update session set ended_at = now() where user_id = :user"
SUSPEND = "update app_user set status = 'SUSPENDED' where id = :user"


class Overtaken(ActorStandings):
    """Something happens between the reading of a standing and the statement that rests on it."""

    def __init__(self, arena: Arena, times: int, happens: Callable[[], Awaitable[None]]) -> None:
        super().__init__(arena.services.engine)
        self.left = times
        self.reads = 0
        self._happens = happens

    async def read(self, credential: Credential) -> Standing | None:
        standing = await super().read(credential)
        self.reads += 1
        if self.left:
            self.left -= 1
            await self._happens()
        return standing


def change(arena: Arena, viewer: Viewer, statement: str) -> Callable[[], Awaitable[None]]:
    async def happen() -> None:
        async with arena.services.engine.begin() as connection:
            tenant = {"tenant": str(viewer.credential.tenant_id)}
            await connection.execute(text("select set_config('app.tenant', :tenant, true)"), tenant)
            await connection.execute(text(statement), {"user": viewer.user_id})

    return happen


def overtaken(arena: Arena, viewer: Viewer, statement: str, times: int = 1) -> tuple[Operations, Counting, Overtaken]:
    standings = Overtaken(arena, times, change(arena, viewer, statement))
    counting = Counting(arena.reads, standings, SECRET)
    return Operations(arena.services, compiled=counting), counting, standings


async def jobs(operations: Operations, viewer: Viewer) -> Any:
    return await answered(operations, Case(JOBS, {}, None, viewer))


async def test_rights_taken_away_after_the_standing_was_read(own_executors: Arena) -> None:
    viewer = own_executors.viewer("portal_organization")
    assert (await jobs(own_executors.ordinary, viewer))["data"]["jobs"]["totalCount"] > 0
    operations, counting, standings = overtaken(own_executors, viewer, REVOKE)
    answer = await jobs(operations, viewer)
    assert answer["data"]["jobs"] == {"totalCount": 0, "nodes": []}
    assert answer == await jobs(own_executors.ordinary, viewer)
    assert (counting.compiled, standings.reads) == (1, 2)


async def test_a_known_standing_is_found_out_as_well(own_executors: Arena) -> None:
    viewer = own_executors.viewer("administrator")
    assert (await jobs(own_executors.compiled, viewer))["data"]["jobs"]["totalCount"] > 0
    await change(own_executors, viewer, REVOKE)()
    answer = await jobs(own_executors.compiled, viewer)
    assert answer["data"]["jobs"]["totalCount"] == 0
    assert answer == await jobs(own_executors.ordinary, viewer)


async def test_rights_that_never_rest_are_left_to_ordinary_execution(own_executors: Arena) -> None:
    viewer = own_executors.viewer("finance")
    operations, counting, _ = overtaken(own_executors, viewer, TOUCH, times=10)
    assert await jobs(operations, viewer) == await jobs(own_executors.ordinary, viewer)
    assert counting.fallen == {"rights that change faster than they are read": 1}


@pytest.mark.parametrize("statement", [END, SUSPEND])
@pytest.mark.parametrize("known", ["known", "new"])
async def test_whoever_has_left_is_nobody(own_executors: Arena, statement: str, known: str) -> None:
    viewer = own_executors.viewer("dispatcher")
    if known == "known":
        assert "data" in await jobs(own_executors.compiled, viewer)
        await change(own_executors, viewer, statement)()
        answer = await jobs(own_executors.compiled, viewer)
    else:
        operations, _, _ = overtaken(own_executors, viewer, statement)
        answer = await jobs(operations, viewer)
    assert "data" not in answer
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["UNAUTHENTICATED"]
    assert viewer.credential.secret_hash not in own_executors.counting.known


async def test_a_secret_nobody_has_is_nobody(executors: Arena) -> None:
    viewer = executors.viewer("administrator")
    stranger = Viewer("stranger", viewer.user_id, Credential(viewer.credential.tenant_id, b"0" * 32))
    assert await jobs(executors.compiled, stranger) == await jobs(executors.ordinary, stranger)
    other = next(one for one in executors.viewers if one.name == "foreign_administrator")
    crossed = Viewer("crossed", other.user_id, Credential(viewer.credential.tenant_id, other.credential.secret_hash))
    answer = await jobs(executors.compiled, crossed)
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["UNAUTHENTICATED"]


def test_not_compiled_says_why() -> None:
    assert NotCompiled("the size of a page").reason == str(NotCompiled("the size of a page"))
