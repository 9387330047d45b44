"""The declaration is the only source: nothing guarded can be null-less, nothing is shown that was not declared."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType

import models
from auth.permissions import Permission
from auth.scope import VISIBILITY
from domain.editing import camel
from resolvers.actions import ACTIONS
from resolvers.ids import MODELS, PREFIXES, decode, encode
from schema.declaration import PAGING, TYPES, GuardedFieldNotNullable, declarations, guarded
from schema.policy import matrix_page, policy_text
from schema.root import graphql_schema, sdl

ROOT = Path(__file__).parents[2]
ROOTS = {"Query", "Mutation", "Subscription"}
HELPERS = {
    "Figure": {"title", "unit", "points"},
    "FigurePoint": {"label", "value"},
    "TimelineEntry": {"status", "at"},
    "AccessPlace": {"organization", "site", "permissions"},
    "AccessPreview": {"epoch", "appears", "vanishes", "fields"},
    "AccessDifference": {"type", "reportKind", "count", "nodes"},
    "FieldDifference": {"type", "field", "permission", "gained", "lost"},
    "AuditEntry": {
        *("at", "action", "actor", "bySystem", "user", "organization", "site", "changes"),
        *("sequence", "hash", "previousHash"),
    },
    "AuditChange": {"field", "before", "after"},
    "PermissionCheck": {"allowed", "code", "reason", "permission", "legacyCode", "conferredBy"},
    "ViewedBy": {"name"},
    "Change": {"event", "kind", "nodeId", "nodeType", "version", "epoch", "offset", "node"},
    "Explanation": {"visible", "code", "reason", "permission", "conferredBy"},
    "Money": {"amount", "currencyCode"},
    "PageInfo": {"hasNextPage", "hasPreviousPage", "startCursor", "endCursor"},
    "Reload": {"reason", "offset"},
    "UserError": {"field", "code", "message", "currentVersion", "permission", "legacyCode"},
}
"""Types that show nothing of a row by themselves."""
MADE = ("Connection", "Edge", "Payload")


def objects() -> dict[str, GraphQLObjectType]:
    types = graphql_schema().type_map.items()
    return {name: one for name, one in types if isinstance(one, GraphQLObjectType) and not name.startswith("__")}


def test_a_guarded_field_that_cannot_be_null_is_refused_when_it_is_declared() -> None:
    class Secret:
        open: str
        rate: str = guarded(Permission.VIEW_RATES)

    with pytest.raises(GuardedFieldNotNullable, match=r"Secret\.rate"):
        declarations(Secret)


def test_every_guarded_field_can_be_null_in_the_schema() -> None:
    for name, declared in TYPES.items():
        for field, one in declared.fields.items():
            if one.requires is not None:
                kind: Any = objects()[name].fields[camel(field)].type
                assert not isinstance(kind, GraphQLNonNull), (name, field)


def test_every_edge_to_a_row_can_be_null() -> None:
    """A row the viewer cannot see is null there, and must not take its parents along."""
    nodes = {name for name, declared in TYPES.items() if declared.is_node}
    for name, declared in TYPES.items():
        for field in declared.fields:
            kind: Any = objects()[name].fields[camel(field)].type
            assert not (isinstance(kind, GraphQLNonNull) and getattr(kind.of_type, "name", "") in nodes), (name, field)


def test_every_field_is_declared_or_of_a_helper() -> None:
    for name, one in objects().items():
        if name in ROOTS or name.endswith(MADE):
            continue
        declared = {camel(field) for field in TYPES[name].fields} if name in TYPES else HELPERS[name]
        assert set(one.fields) == declared, name


def test_what_is_made_from_a_declaration_has_no_fields_of_its_own() -> None:
    for name, one in objects().items():
        if name.endswith("Connection"):
            assert set(one.fields) == {"edges", "nodes", "pageInfo", "totalCount", "totalCountCapped"}
        elif name.endswith("Edge"):
            assert set(one.fields) == {"cursor", "node"}
        elif name.endswith("Payload"):
            shown = next(action.shows for action in ACTIONS if f"{action.name}Payload".lower() == name.lower())
            assert {"userErrors", *shown} < set(one.fields)
            assert len(one.fields) == 2 + len(shown)


def test_every_row_that_is_shown_has_a_rule_of_visibility() -> None:
    shown = {declared.model for declared in TYPES.values() if declared.model is not None}
    assert shown - {models.Tenant} <= set(VISIBILITY)
    assert {spec.model for spec in PAGING.values()} <= set(VISIBILITY)


def test_guarded_columns_are_in_no_order_or_filter_without_their_right() -> None:
    """Whatever takes a right to read takes the same right to sort and to filter by."""
    for name, spec in PAGING.items():
        needs: dict[str, Permission] = {}
        for field, one in TYPES[name].fields.items():
            if one.requires is not None:
                source: Any = one.source
                needs[getattr(source, "amount", None) or getattr(source, "name", None) or field] = one.requires
        for key, order in spec.orders.items():
            assert order.requires == needs.get(order.column.key), (name, key)
        for key, one in spec.filters.items():
            assert [one.requires] * len(one.columns) == [needs.get(column.key) for column in one.columns], (name, key)


def test_embedded_groups_share_no_column_with_a_filter() -> None:
    """Tax ids and the billing profile are guarded as wholes: none of their columns can be searched."""
    groups = {
        "TaxIds": ("registration_number", "tax_number", "vat_number"),
        "BillingProfile": ("billing_email", "remittance_details", "payment_days"),
    }
    used = {column.key for one in PAGING["Organization"].filters.values() for column in one.columns}
    used |= {order.column.key for order in PAGING["Organization"].orders.values()}
    assert not used & {column for columns in groups.values() for column in columns}


@pytest.mark.parametrize(
    ("path", "made"), [("schema.graphql", sdl), ("policy.txt", policy_text), ("docs/permission-matrix.md", matrix_page)]
)
def test_what_is_committed_is_what_is_declared(path: str, made: Any) -> None:
    assert (ROOT / path).read_text() == made()


def test_ids_come_back_as_what_they_were() -> None:
    for model, prefix in PREFIXES.items():
        id = uuid.uuid4()
        assert decode(encode(model, id)) == (model, id)
        assert MODELS[prefix] is model
    for text in (
        "",
        "org",
        "org_",
        "xyz_" + "0" * 32,
        "org_" + "0" * 31,
        "org_" + "0" * 33,
        "org_" + "A" * 32,
        " org_" + "0" * 32,
        "org_" + "0" * 32 + "\n",
    ):
        assert decode(text) is None
