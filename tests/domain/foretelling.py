"""What a preview of a change of access says, and what came of it once it was saved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.matrix.policy import GUARDS

Ask = Callable[..., Awaitable[Any]]
"""Asks a document as somebody, by their name."""
Rows = dict[str, set[str]]
Fields = dict[tuple[str, str], int]
KINDS = ("Organization", "Site", "Contact", "Contract", "Job", "Report")
PREVIEW = """query($u: ID!, $g: [GrantInput!]!) { accessPreview(userId: $u, grants: $g) { epoch
  appears { type reportKind count nodes { id } } vanishes { type reportKind count nodes { id } }
  fields { type field permission gained lost } } }"""
SET = """mutation($i: SetAccessInput!) { setAccess(input: $i) { user { id }
  userErrors { code field permission currentVersion } } }"""


async def seen(ask: Ask, viewer: str) -> Rows:
    """The ids of all living rows somebody fetches, by kind; reports by their kind as well."""
    lists = " ".join(
        f"{kind.lower()}s(first: 100) {{ totalCount nodes {{ id {'kind' if kind == 'Report' else ''} }} }}"
        for kind in KINDS
    )
    data = (await ask(viewer, f"{{ {lists} }}"))["data"]
    found: Rows = {}
    for kind in KINDS:
        page = data[f"{kind.lower()}s"]
        assert page["totalCount"] == len(page["nodes"])
        for node in page["nodes"]:
            found.setdefault(f"{kind} {node.get('kind', '')}".strip(), set()).add(node["id"])
    return found


async def shown(ask: Ask, viewer: str) -> Fields:
    """At how many of the rows somebody fetches each guarded field is not denied."""
    counted: Fields = {}
    for kind, fields in GUARDS.items():
        for field in fields if kind in KINDS else ():
            inner = {"billingProfile": "{ currency }", "taxIds": "{ taxNumber }", "baseRate": "{ amount }"}
            below = inner.get(field, "{ amount }" if field == "cost" else "")
            answer = await ask(
                viewer, f"{{ {kind.lower()}s(first: 100) {{ totalCount nodes {{ {field} {below} }} }} }}"
            )
            denied = sum(one["extensions"]["count"] for one in answer.get("errors", ()))
            counted[kind, field] = answer["data"][f"{kind.lower()}s"]["totalCount"] - denied
    return counted


def _told(differences: list[dict[str, Any]]) -> Rows:
    """The ids a preview names; here they are few enough to be all of them, and the asker sees everything."""
    found = {
        f"{one['type']} {one['reportKind'] or ''}".strip(): {node["id"] for node in one["nodes"]} for one in differences
    }
    assert {key: len(ids) for key, ids in found.items()} == {
        f"{one['type']} {one['reportKind'] or ''}".strip(): min(one["count"], 20) for one in differences
    }
    return found


def assert_came(foretold: Any, old: tuple[Rows, Fields], new: tuple[Rows, Fields]) -> None:
    """What was foretold, held against what somebody saw before and sees now."""
    (before, fields_before), (after, fields_after) = old, new
    for differences, more, less in ((foretold["appears"], after, before), (foretold["vanishes"], before, after)):
        came = {key: more.get(key, set()) - less.get(key, set()) for key in more | less}
        counts = {key: len(ids) for key, ids in came.items() if ids}
        assert {f"{one['type']} {one['reportKind'] or ''}".strip(): one["count"] for one in differences} == counts
        for key, ids in _told(differences).items():
            assert ids <= came[key], "those that are named are among them"
    net = {(one["type"], one["field"]): one["gained"] - one["lost"] for one in foretold["fields"]}
    assert {key: value for key, value in net.items() if value} == {
        key: fields_after[key] - fields_before[key] for key in fields_after if fields_after[key] != fields_before[key]
    }
