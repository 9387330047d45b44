"""Pages: all of them, forward and backward, in every order, for every viewer; and cursors that open nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.matrix.checking import Checker, read_of, secrets_of
from tests.matrix.oracle import sort_key
from tests.matrix.policy import LISTS, ORDERS
from tests.world.seed import VIEWERS

SIZES = (3, 7)
AT_ONCE = 20


@dataclass
class Walk:
    """One list being read page by page."""

    name: str
    kind: str
    order: str
    way: str
    size: int
    seen: list[str] = field(default_factory=list)
    cursor: str | None = None
    done: bool = False

    def asked(self) -> str:
        place = ("after" if self.way == "first" else "before") if self.cursor else None
        beyond = f', {place}: "{self.cursor}"' if place else ""
        page = "nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        return f"{self.name}({self.way}: {self.size}, order: {self.order}{beyond}, archived: INCLUDE) {{ {page} }}"

    def take(self, page: Any) -> None:
        ids, info = [one["id"] for one in page["nodes"]], page["pageInfo"]
        if self.way == "first":
            self.seen += ids
            self.cursor, self.done = info["endCursor"], not info["hasNextPage"]
        else:
            self.seen[:0] = ids
            self.cursor, self.done = info["startCursor"], not info["hasPreviousPage"]


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_all_pages_together_are_the_list(viewer: str, checker: Checker) -> None:
    eyes = checker.eyes(viewer)
    walks = [
        Walk(name, kind, f"{order}{down}", way, size)
        for name, kind in LISTS.items()
        for order, one in ORDERS[kind].items()
        if one.requires is None or eyes.may_tell_apart(kind, one.requires)
        for down in ("", "_DESC")
        for way, size in zip(("first", "last"), SIZES, strict=True)
    ]
    while waiting := [one for one in walks if not one.done][:AT_ONCE]:
        asked = " ".join(f"w{n}: {one.asked()}" for n, one in enumerate(waiting))
        data = await checker.same(viewer, f"{{ {asked} }}")
        for n, one in enumerate(waiting):
            one.take(data[f"w{n}"])
    for one in walks:
        key, rows = sort_key(one.kind, one.order), checker.eyes(viewer).rows(one.kind)
        rows.sort(key=lambda row, key=key: (key(row), row["id"]), reverse=one.order.endswith("_DESC"))  # type: ignore[misc]
        assert one.seen == [row["id"] for row in rows], (viewer, one)


async def test_a_cursor_opens_nothing_but_its_list_for_its_viewer(checker: Checker) -> None:
    """Another viewer, list, parent column or order: refused in the words for nonsense."""
    first = await checker.same("administrator", "{ jobs(first: 2) { edges { cursor } } }")
    mine = first["jobs"]["edges"][1]["cursor"]
    tampered = mine[:-2] + ("AA" if not mine.endswith("AA") else "BB")
    refused = [
        ("administrator", f'jobs(first: 2, order: CREATED, after: "{mine}")'),
        ("administrator", f'jobs(first: 2, order: SCHEDULED, after: "{mine}")'),
        ("administrator", f'reports(first: 2, after: "{mine}")'),
        ("account_manager", f'jobs(first: 2, after: "{mine}")'),
        ("foreign_administrator", f'jobs(first: 2, before: "{mine}")'),
        *(
            ("administrator", f'jobs(first: 2, after: "{one}")')
            for one in (tampered, "", "x", mine + mine, "e30", "\\u0000")
        ),
    ]
    for viewer, asked in refused:
        answer = await checker.ask(viewer, f"{{ {asked} {{ totalCount }} }}")
        codes = {error["extensions"]["code"] for error in answer["errors"]}
        assert codes <= {"CURSOR_INVALID", "BAD_USER_INPUT"}, (viewer, asked, answer)
        assert not answer.get("data")
    nested = await checker.ask(
        "administrator",
        f'{{ organizations(first: 9) {{ nodes {{ jobs(first: 2, after: "{mine}") {{ totalCount }} }} }} }}',
    )
    assert {error["extensions"]["code"] for error in nested["errors"]} == {"CURSOR_INVALID"}


@pytest.mark.parametrize("viewer", ["portal_party", "portal_mixed", "clerk"])
async def test_a_cursor_tells_only_what_was_shown_beside_it(viewer: str, checker: Checker) -> None:
    eyes = checker.eyes(viewer)
    hidden = secrets_of([row for row in checker.mirror.all() if not eyes.sees(row)])
    for name, kind in LISTS.items():
        for order in ORDERS[kind]:
            if ORDERS[kind][order].requires:
                continue
            data = await checker.same(
                viewer, f"{{ {name}(first: 50, order: {order}) {{ edges {{ cursor node {{ id }} }} }} }}"
            )
            for edge in data[name]["edges"]:
                row, value = read_of(edge["cursor"])
                assert edge["node"]["id"][4:] == row
                assert not any(text.encode() in value for text in hidden)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "(first: 0)",
        "(first: -1)",
        "(first: 101)",
        "(last: 0)",
        "(last: 101)",
        "(first: 1, last: 1)",
        "(first: null)",
    ],
)
async def test_a_page_says_how_many_rows_it_wants(arguments: str, checker: Checker) -> None:
    for place in ("{ %s }", "{ viewer { %s } }"):
        await checker.same("clerk", place % f"sites{arguments} {{ nodes {{ id }} }}")
