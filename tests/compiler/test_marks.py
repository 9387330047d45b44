"""Marks are for this process alone: none ever leaves it, and no text of a user is taken for one."""

import uuid
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from auth.actor import Actor, Granted
from auth.permissions import CONFERS, Permission
from compiler import marks
from compiler.marks import WORD, Guarded
from compiler.plan import NotCompiled
from models import Place, UserKind
from schema.declaration import Computed
from tests.compiler.arena import Arena, Case, answered
from tests.compiler.generator import Generator

TENANT, ORGANIZATION = uuid.UUID(int=1), uuid.UUID(int=2)
ACTOR = Actor(
    TENANT, uuid.UUID(int=3), UserKind.STAFF, "A", "a@example.test", 1,
    (Granted("clients.view", Place(TENANT)), Granted("rates", Place(TENANT, ORGANIZATION))),
)  # fmt: skip
CALL: Any = SimpleNamespace(standing=SimpleNamespace(actor=ACTOR))


def _refuse_odd(facts: Any, _: Any) -> None:
    if facts["number"] % 2:
        raise NotCompiled("an odd number")


PLAN = SimpleNamespace(
    guarded=(Guarded("Job", "cost", Permission.VIEW_JOB_COST),),
    computed=(
        marks.names("Grant.confers", Computed(lambda _, record: sorted(CONFERS[record.row.name]), ("name",))),
        marks.Made("Query.accessPreview", _refuse_odd),
        marks.permissions_at("Site.viewerPermissions"),
    ),
)


def mended(value: Any) -> tuple[Any, list[Any]]:
    data, denials = marks.mend(orjson.dumps(value), PLAN, CALL)
    return data, list(denials.paths.items())


def test_a_denied_field_is_null_and_told() -> None:
    data, denials = mended({"a": [{"cost": f"{WORD}0"}, {"cost": None}], "cost": f"{WORD}0"})
    assert data == {"a": [{"cost": None}, {"cost": None}], "cost": None}
    assert denials == [(("Job", "cost", Permission.VIEW_JOB_COST), [("a", 0, "cost"), ("cost",)])]


def test_the_permissions_of_a_place() -> None:
    there = [f"{WORD}computed", 2, str(ORGANIZATION), None]
    data, _ = mended({"here": [f"{WORD}computed", 2, None, None], "there": there})
    assert data["here"] == ["VIEW_CLIENTS"]
    assert data["there"] == [one.name for one in sorted(CONFERS["rates"] | {Permission.VIEW_CLIENTS})]


def test_a_computed_value() -> None:
    data, _ = mended({"confers": [f"{WORD}computed", 0, "portal_viewer"]})
    assert data == {"confers": [one.name for one in sorted(CONFERS["portal_viewer"])]}


def test_a_value_that_is_judged_by_its_facts() -> None:
    """What it holds is mended as everything else is, with its place in the answer."""
    there = [f"{WORD}judged", 1, {"number": 2}, {"cost": f"{WORD}0", "is": "there"}]
    data, denials = mended({"a": there})
    assert data == {"a": {"cost": None, "is": "there"}}
    assert denials == [(("Job", "cost", Permission.VIEW_JOB_COST), [("a", "cost")])]
    with pytest.raises(NotCompiled, match="an odd number"):
        mended({"a": [f"{WORD}judged", 1, {"number": 1}, "not there"]})


@pytest.mark.parametrize("text", ["mark-", "mark-0", f"x{WORD}0"[1:6], "mark-" + "0" * 32 + "-0", "permissions"])
def test_a_text_of_a_user_stays(text: str) -> None:
    value = {"title": text, "list": [text, 0, "a"], "denied": f"{WORD}0"}
    assert mended(value)[0] == {**value, "denied": None}


def test_bytes_without_a_mark_are_not_touched() -> None:
    assert not marks.is_marked(b'{"title":"mark-not-a-mark"}')


async def test_no_answer_ever_has_the_word(executors: Arena) -> None:
    generator = Generator(5, executors.companies, executors.viewers)
    for number in range(150):
        case = generator.case(number)
        assert WORD not in orjson.dumps(await answered(executors.compiled, case)).decode()


async def test_a_marked_answer_keeps_what_users_wrote(executors: Arena) -> None:
    text = "{ jobs(first: 100) { nodes { title cost { amount } viewerPermissions } } }"
    case = Case(text, {}, None, executors.viewer("dispatcher"))
    assert await executors.difference(case) is None
    answer = await answered(executors.compiled, case)
    assert any(one["title"].startswith("mark-") for one in answer["data"]["jobs"]["nodes"])
    assert answer["errors"][0]["extensions"]["count"] == len(answer["data"]["jobs"]["nodes"])
