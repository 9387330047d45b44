"""The audit trail in the graph."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.types.unset import UNSET

import models
from resolvers.audit import AuditPage, Wanted
from resolvers.context import Context
from schema.fields import NAMESPACE, given_in, plain_field
from schema.graph import connection_types, graph_type


@strawberry.input(description="Which entries of the audit trail.")
class AuditFilter:
    user: strawberry.ID | None = strawberry.field(default=UNSET, description="Whose access was changed.")
    actor: strawberry.ID | None = strawberry.field(default=UNSET, description="Who changed it.")
    at: strawberry.ID | None = strawberry.field(default=UNSET, description="At an organization or a site.")
    actions: list[str] | None = UNSET
    since: datetime | None = UNSET
    before: datetime | None = UNSET


NAMESPACE["AuditFilter"] = AuditFilter


def audit_trail(
    context: Context,
    first: int,
    after: str | None = None,
    filter: AuditFilter | None = None,  # noqa: A002
) -> AuditPage:
    """A page of the trail."""
    given = {name: value for name, value in given_in(filter).items() if value is not None} if filter else {}
    given["actions"] = tuple(given.get("actions", ()))
    return AuditPage(context, first, after, Wanted(**given))


graph_type(
    "AuditChange",
    {
        "field": plain_field("str", lambda one: one.field),
        "before": plain_field("str | None", lambda one: one.before),
        "after": plain_field("str | None", lambda one: one.after),
    },
    "A value before and after, as text. A row is told by its id, to those who may see it.",
)
graph_type(
    "AuditEntry",
    {
        "at": plain_field("datetime", lambda one: one.row.at),
        "action": plain_field("str", lambda one: one.row.action, "What happened, such as AccessGranted."),
        "actor": plain_field(
            "User | None", lambda one: one.named(models.User, one.row.actor_id), "Who did it, if the viewer sees them."
        ),
        "by_system": plain_field("bool", lambda one: one.row.actor_id is None, "No person did it."),
        "user": plain_field(
            "User | None", lambda one: one.named(models.User, one.row.user_id), "Whose access it was, if visible."
        ),
        "organization": plain_field(
            "Organization | None",
            lambda one: one.named(models.Organization, one.row.organization_id),
            "Null: in the whole tenant.",
        ),
        "site": plain_field("Site | None", lambda one: one.named(models.Site, one.row.site_id)),
        "changes": plain_field("list[AuditChange]", lambda one: one.changes()),
        "sequence": plain_field(
            "int | None",
            lambda one: one.whole(one.row.sequence),
            "The entry's number, for those who see the whole trail.",
        ),
        "hash": plain_field("str | None", lambda one: one.whole(one.row.hash.hex()), "SHA-256 of the entry."),
        "previous_hash": plain_field(
            "str | None", lambda one: one.whole(one.row.previous_hash.hex()), "The hash of the entry before."
        ),
    },
    "A change of access. Every entry carries the hash of the one before it: `portico audit verify` walks the chain.",
)
connection_types("Audit", "AuditEntry")
