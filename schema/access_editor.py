"""What the access editor asks: what somebody would see more and less, before it is saved."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import strawberry

import models
from domain.editing import camel
from resolvers.context import Context
from resolvers.preview import SHOWN, Guard, Preview, preview
from schema.declaration import TYPES
from schema.fields import NAMESPACE, given_in, plain_field
from schema.graph import graph_type
from schema.subscriptions import NodeTypeName


@strawberry.input(description="A role, feature or permission at a place.")
class GrantInput:
    name: str
    place_id: strawberry.ID


NAMESPACE["GrantInput"] = GrantInput


async def access_preview(context: Context, user_id: str, grants: list[GrantInput]) -> Preview:
    """What it would mean for the user to have by hand exactly these grants."""
    return await preview(context, user_id, [given_in(one) for one in grants], guards())


@cache
def guards() -> tuple[Guard, ...]:
    """Every guarded field of a row that has a place."""
    return tuple(
        Guard(one.name, camel(name), cast("type[models.TenantRow]", one.model), field.requires)
        for one in TYPES.values()
        for name, field in one.fields.items()
        if field.requires is not None and one.is_node and one.model in _SHOWN
    )


_SHOWN = (models.Organization, models.Site, models.Contact, models.Contract, models.Job, models.Report)


def _type(one: Any) -> Any:
    return NodeTypeName(one.model.__name__)


graph_type(
    "AccessDifference",
    {
        "type": plain_field("NodeTypeName", _type),
        "report_kind": plain_field("ReportKind | None", lambda one: one.report_kind, "Reports are counted by kind."),
        "count": plain_field("int", lambda one: one.count, "How many rows that are not archived."),
        "nodes": plain_field(
            "list[Node]", lambda one: one.nodes(), f"The first {SHOWN} of them, as far as the asker may see them."
        ),
    },
    "Rows that would appear or vanish for somebody.",
)
graph_type(
    "FieldDifference",
    {
        "type": plain_field("NodeTypeName", lambda one: NodeTypeName(one.type)),
        "field": plain_field("str", lambda one: one.field),
        "permission": plain_field("Permission", lambda one: one.permission),
        "gained": plain_field("int", lambda one: one.gained, "At how many rows it would be shown."),
        "lost": plain_field("int", lambda one: one.lost, "At how many it would be shown no more."),
    },
    "A guarded field that would be shown at more or fewer rows.",
)
graph_type(
    "AccessPreview",
    {
        "epoch": plain_field("int", lambda one: one.epoch, "Give it to `setAccess` as `expectedEpoch`."),
        "appears": plain_field("list[AccessDifference]", lambda one: one.appears),
        "vanishes": plain_field("list[AccessDifference]", lambda one: one.vanishes),
        "fields": plain_field("list[FieldDifference]", lambda one: one.fields),
    },
    "What a change of access would mean for one person. Nothing was changed to find out.",
)
