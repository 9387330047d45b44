"""Every type, field and argument there is, found by introspection, for every viewer, against the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from tests.matrix.checking import PAGE, Checker, Introspected, literal, secrets_of
from tests.matrix.oracle import CHILDREN, SCHEMA, SEES, known_fields
from tests.matrix.oracle import PAGE as PAGE_ARGUMENTS
from tests.matrix.policy import FILTERS, LISTS, ORDERS, PERMISSIONS
from tests.world.seed import VIEWERS

HELPERS = ("Connection", "Edge", "Payload")
PUSHED = {"Change", "Reload", "UserError"}
ELSEWHERE = {"AuditEntry", "AuditChange", "AccessPreview", "AccessDifference", "FieldDifference"}
"""What tests/domain/test_audit.py and test_access_editor.py hold to account."""
AUDIT_FILTERS = {"user", "actor", "at", "actions", "since", "before"}
ROW_LISTS = {**LISTS, "parties": "JobParty", "grants": "Grant"}
CELLS = 45_000
"""At least so many (viewer, row, field) are compared; the world may grow, but the matrix must not shrink unnoticed."""


async def test_the_oracle_has_a_rule_for_every_field_and_argument(checker: Checker) -> None:
    told = await Introspected.of(checker.ask)
    fields = {
        (kind, name)
        for kind, one in told.objects().items()
        if not kind.endswith(HELPERS) and kind not in PUSHED | ELSEWHERE | {"Mutation", "Subscription"}
        for name in one.fields
    }
    assert fields == set(known_fields())
    for kind, one in told.objects().items():
        for name, field in one.fields.items():
            if name in ROW_LISTS and kind != "Mutation":
                assert tuple(field.args) == PAGE_ARGUMENTS, (kind, name)
    assert {name: tuple(one.args) for name, one in told.objects()["Query"].fields.items() if name not in LISTS} == {
        "viewer": (), "node": ("id",), "nodes": ("ids",), "whyNot": ("id", "field"),
        "checkPermission": ("legacyCode", "slug", "at"), "accessPreview": ("userId", "grants"),
        "auditTrail": ("first", "after", "filter"),
    }  # fmt: skip
    assert sorted(told.nodes()) == sorted(SEES)


async def test_the_oracle_has_a_rule_for_every_filter_order_and_permission(checker: Checker) -> None:
    types: Any = (await Introspected.of(checker.ask)).schema.type_map
    for kind, filters in FILTERS.items():
        assert set(types[f"{kind}Filter"].fields) == set(filters)
        orders = {name for one in ORDERS[kind] for name in (one, f"{one}_DESC")}
        assert set(types[f"{kind}Order"].values) == orders
    assert {name for name in types if name.endswith("Filter")} == {f"{kind}Filter" for kind in (*FILTERS, "Audit")}
    assert set(types["AuditFilter"].fields) == AUDIT_FILTERS
    assert {name for name in types if name.endswith("Order")} == {f"{kind}Order" for kind in FILTERS}
    assert set(types["Permission"].values) == set(PERMISSIONS.values())


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_field_of_every_row(viewer: str, checker: Checker) -> None:
    """Whether a row is shown, and each of its fields; and that nothing hidden is in the bytes of any answer."""
    told = await Introspected.of(checker.ask)
    cells = 0
    for kind in told.nodes():
        document = (
            f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename ... on {kind} {{ {told.selection(kind)} }} }} }}"
        )
        for ids in _chunks(checker.mirror.rows[kind], 50):
            await checker.same(viewer, document, {"ids": ids})
            cells += len(ids) * len(told.objects()[kind].fields)
            _nothing_hidden(checker, viewer)
    assert cells * len(VIEWERS) > CELLS


def _nothing_hidden(checker: Checker, viewer: str) -> None:
    """Planted texts of rows the viewer cannot see are nowhere in the answer, under whatever name."""
    eyes = checker.eyes(viewer)
    hidden = secrets_of([row for row in checker.mirror.all() if not eyes.sees(row)])
    shown = secrets_of([row for row in checker.mirror.all() if eyes.sees(row)])
    said = checker.ask.raw.decode()
    assert [text for text in hidden - shown if text in said] == []


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_the_viewer_and_every_list(viewer: str, checker: Checker) -> None:
    told = await Introspected.of(checker.ask)
    await checker.same(viewer, f"{{ viewer {{ {told.selection('Viewer')} }} }}")
    for name in LISTS:
        await checker.same(viewer, f"{{ {name}(first: 100) {{ {PAGE} }} }}")


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_node_and_why_not(viewer: str, checker: Checker) -> None:
    told = await Introspected.of(checker.ask)
    for kind in told.nodes():
        fields = list(told.objects()[kind].fields)
        for id in islice(checker.mirror.rows[kind], 0, None, 4):
            asked = " ".join(
                f'f{n}: whyNot(id: $id, field: "{name}") {{ ...why }}' for n, name in enumerate(fields[:18])
            )
            text = f"query($id: ID!) {{ node(id: $id) {{ id __typename }} row: whyNot(id: $id) {{ ...why }} {asked} }}"
            await checker.same(
                viewer, f"{text} fragment why on Explanation {{ {told.selection('Explanation')} }}", {"id": id}
            )


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_right_asked_for_by_its_name(viewer: str, checker: Checker) -> None:
    told = await Introspected.of(checker.ask)
    fragment = f"fragment all on PermissionCheck {{ {told.selection('PermissionCheck')} }}"
    seen = [row["id"] for kind in ("Tenant", "Organization", "Site") for row in checker.eyes(viewer).rows(kind)]
    asked = [f'slug: "{one}"' for one in (*PERMISSIONS, "view_clients", "delete_clients")]
    asked += [f"legacyCode: {one}" for one in (34, 35, 36, 140, 208, 209)]
    for at in ("null", *(f'"{one}"' for one in seen[::3])):
        for some in _chunks(asked, 12):
            fields = " ".join(f"c{n}: checkPermission({one}, at: {at}) {{ ...all }}" for n, one in enumerate(some))
            await checker.same(viewer, f"{{ {fields} }} {fragment}")
    hidden = [row["id"] for row in checker.mirror.all() if not checker.eyes(viewer).sees(row)]
    for refused in ("legacyCode: 1", 'slug: "x"', "at: null", 'legacyCode: 34, slug: "x"', *(
        f'legacyCode: 34, at: "{id}"' for id in ("org_x", *hidden[::40])
    )):  # fmt: skip
        await checker.same(viewer, f"{{ checkPermission({refused}) {{ code }} }}")


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_order_filter_and_archive_choice_of_every_root_list(viewer: str, checker: Checker) -> None:
    lists = [(name, kind, arguments) for name, kind in LISTS.items() for arguments in _choices(kind)]
    for some in _chunks(lists, 20):
        asked = " ".join(
            f"l{n}: {name}(first: 40, {arguments}) {{ {_shown(arguments)} }}"
            for n, (name, _, arguments) in enumerate(some)
        )
        await checker.same(viewer, f"{{ {asked} }}")


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_order_and_filter_of_nested_lists(viewer: str, checker: Checker) -> None:
    for owner, one in SCHEMA.type_map.items():
        for name, field in getattr(one, "fields", {}).items() if owner in SEES else ():
            if (owner, name) not in CHILDREN or "filter" not in field.args:
                continue
            ids = [row["id"] for row in checker.eyes(viewer).rows(owner)][:6]
            asked = " ".join(
                f"l{n}: {name}(first: 20, {arguments}) {{ {_shown(arguments)} }}"
                for n, arguments in enumerate(_some_choices(CHILDREN[owner, name][0]))
            )
            text = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {owner} {{ {asked} }} }} }}"
            await checker.same(viewer, text, {"ids": ids})


def _choices(kind: str) -> Iterator[str]:
    """Arguments nobody is refused for."""
    for name, order in ORDERS[kind].items():
        if order.requires is None:
            yield f"order: {name}"
            yield f"order: {name}_DESC, archived: INCLUDE"
            yield f"order: {name}, archived: ONLY"
    for name, one in FILTERS[kind].items():
        if one.requires is None:
            for sample in one.samples:
                yield f"archived: INCLUDE, filter: {{{name}: {_written(kind, name, sample)}}}"
    samples = {name: one.samples[0] for name, one in FILTERS[kind].items() if one.requires is None}
    yield f"filter: {{{', '.join(f'{name}: {_written(kind, name, value)}' for name, value in samples.items())}}}"


def _shown(arguments: str) -> str:
    """An order changes no count, so it is not counted again."""
    return "totalCount nodes { id }" if "filter" in arguments else "nodes { id }"


def _some_choices(kind: str) -> Iterator[str]:
    """Every order and every filter once: what they do is the same under a parent, where they apply is not."""
    for name, order in ORDERS[kind].items():
        if order.requires is None:
            yield f"order: {name}_DESC, archived: INCLUDE"
    for name, one in FILTERS[kind].items():
        if one.requires is None:
            yield f"filter: {{{name}: {_written(kind, name, one.samples[0])}}}"


def _written(kind: str, name: str, value: Any) -> str:
    """A sample as the type of the argument wants it: enum members stand without quotes."""
    text = literal(value)
    inputs: Any = SCHEMA.type_map[f"{kind}Filter"]
    return text.replace('"', "") if "Status" in str(inputs.fields[name].type) or name in _ENUMS else text


_ENUMS = ("kind", "location", "priority", "role", "delivery")

GUARDED = [
    (kind, f"order: {name}{down}")
    for kind, orders in ORDERS.items()
    for name, one in orders.items()
    for down in ("", "_DESC")
    if one.requires
] + [
    (kind, f"filter: {{{name}: {literal(sample)}}}")
    for kind, filters in FILTERS.items()
    for name, one in filters.items()
    for sample in one.samples
    if one.requires
]


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_what_a_field_tells_by_sorting_and_filtering_takes_its_right(viewer: str, checker: Checker) -> None:
    """Refused as a whole, whether or not the value asked for exists."""
    for kind, arguments in GUARDED:
        name = f"{kind.lower()}s"
        inner = f"{name}(first: 10, {arguments}) {{ totalCount nodes {{ id }} }}"
        await checker.same(viewer, f"{{ {inner} }}")
    for kind, arguments in GUARDED[::3]:
        inner = f"{kind.lower()}s(first: 10, {arguments}) {{ totalCount nodes {{ id }} }}"
        await checker.same(viewer, f"{{ viewer {{ {inner} }} }}")
        for owner in ("Organization", "Site"):
            ids = [row["id"] for row in checker.eyes(viewer).rows(owner)][:1]
            text = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {owner} {{ {inner} }} }} }}"
            await checker.same(viewer, text, {"ids": ids})


def _chunks(values: Any, size: int) -> Iterator[list[Any]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
