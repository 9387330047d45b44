"""The roots for reading: the viewer, nodes by id, lists, and why something is not shown."""

# pyright: reportUnusedImport=false

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from strawberry.types.field import StrawberryField

from auth.actor import Actor
from auth.permissions import CONFERS, Permission
from domain.editing import camel
from domain.refusals import Refused
from models import Place
from resolvers.context import Context
from resolvers.ids import decode
from resolvers.record import Record
from schema import clients, partners, people, requests, work  # noqa: F401  (the types come before the roots)
from schema.access_editor import access_preview
from schema.audit import audit_trail
from schema.checks import check_permission
from schema.declaration import TYPES, ConnectionTo, FieldDeclaration, connection
from schema.fields import annotation, declared_field, parameter, plain_field
from schema.graph import graph_type, type_name_of

MOST_NODES = 100


class RootField(StrawberryField):
    """A field of a root type: a function of the context and the arguments."""

    resolve: Callable[..., Any]

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        return self.resolve(info.context, **kwargs)


def root_field(kind: str, resolve: Callable[..., Any], description: str, **parameters: str) -> RootField:
    """A root field whose arguments are ``parameters`` (name and type)."""
    made = RootField(type_annotation=annotation(kind), description=description)
    made.resolve, made.init = resolve, False
    made.arguments = [parameter(name, kind) for name, kind in parameters.items()]
    return made


class TooManyNodes(Refused):
    """More ids than one call may ask for."""

    code = "TOO_MANY_NODES"


def _viewer(context: Context) -> Context:
    return context


def _asked(context: Context, id: str) -> Awaitable[Record | None] | None:
    """The row an id names, on its way; those asked for before the first is awaited come in one statement."""
    target = decode(id)
    if target is None:
        return None
    model, key = target
    return context.loaders.row(model).load((context.actor.user_id, key))


async def _node(context: Context, id: str) -> Record | None:
    one = _asked(context, id)
    return None if one is None else await one


async def _nodes(context: Context, ids: Sequence[str]) -> list[Record | None]:
    if len(ids) > MOST_NODES:
        raise TooManyNodes(f"Ask for at most {MOST_NODES} nodes at a time.", field="ids")
    asked = {id: one for id in ids if (one := _asked(context, id)) is not None}
    found = dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))
    return [found.get(id) for id in ids]


class Explanation:
    """Why a row or a field is shown or not. A row that is not visible is explained as one that does not exist."""

    def __init__(self, code: str, permission: Permission | None = None) -> None:
        self.code = code
        self.visible = code == "VISIBLE"
        self.permission = permission
        self.conferred_by = sorted(name for name, held in CONFERS.items() if permission in held)
        self.reason = _REASONS[code]


_REASONS = {
    "VISIBLE": "You can see this.",
    "NOT_FOUND": "There is no such record, or you hold no right at its place that shows it.",
    "FIELD_FORBIDDEN": "You can see the record; this field of it takes a right you do not hold at its place.",
}


class UnknownField(Refused):
    """The type has no such field."""

    code = "UNKNOWN_FIELD"


def explained(actor: Actor, place: Place | None, type_name: str, field: str | None) -> Explanation:
    """Why a row, or a field of it, is shown or not; ``place`` is the row's, or None if the actor sees no such row."""
    if place is None or field is None:
        return Explanation("NOT_FOUND" if place is None else "VISIBLE")
    fields = {camel(name): one for name, one in TYPES[type_name].fields.items()}
    if field not in fields:
        raise UnknownField("The type of this record has no such field.", field="field")
    permission = fields[field].requires
    shown = permission is None or actor.holds(permission, place)
    return Explanation("VISIBLE" if shown else "FIELD_FORBIDDEN", permission)


async def _why_not(context: Context, id: str, field: str | None = None) -> Explanation:
    record = await _node(context, id)
    if record is None:
        return Explanation("NOT_FOUND")
    return explained(context.actor, record.place, type_name_of(record.model), field)


graph_type(
    "Explanation",
    {
        "visible": plain_field("bool", lambda one: one.visible),
        "code": plain_field("str", lambda one: one.code, "VISIBLE, NOT_FOUND or FIELD_FORBIDDEN."),
        "reason": plain_field("str", lambda one: one.reason, "The same in words."),
        "permission": plain_field("Permission | None", lambda one: one.permission, "The right the field takes."),
        "conferred_by": plain_field(
            "list[str]", lambda one: one.conferred_by, "The roles and features that confer it."
        ),
    },
    "Why a record or a field of it is shown or not.",
)

_LISTS = (
    "Organization", "Site", "Contact", "Contract", "Job", "Report", "User", "Service", "ChangeRequest",
    "PartnerApplication",
)  # fmt: skip
_LIST_FIELDS: Mapping[str, FieldDeclaration] = {f"{name[0].lower()}{name[1:]}s": connection(name) for name in _LISTS}
ROOT_LISTS: Mapping[str, ConnectionTo] = {
    name: one.source for name, one in _LIST_FIELDS.items() if isinstance(one.source, ConnectionTo)
}
"""The lists at the root, by field."""

Query = graph_type(
    "Query",
    {
        "viewer": root_field("Viewer", _viewer, "Whoever is asking."),
        "node": root_field(
            "Node | None", _node, "The row with this id; null if there is none the viewer may see.", id="ID"
        ),
        "nodes": root_field(
            "list[Node | None]", _nodes, f"Up to {MOST_NODES} rows, in the order of their ids.", ids="list[ID]"
        ),
        "why_not": root_field(
            "Explanation", _why_not, "Why a record, or a field of it, is not shown.", id="ID", field="str | None"
        ),
        "audit_trail": root_field(
            "AuditConnection",
            audit_trail,
            "Who changed whose access, newest first, wherever the viewer may see it.",
            first="int",
            after="str | None",
            filter="AuditFilter | None",
        ),
        "access_preview": root_field(
            "AccessPreview",
            access_preview,
            "What would appear and vanish for a user who was given by hand exactly these grants.",
            user_id="ID",
            grants="list[GrantInput]",
        ),
        "check_permission": root_field(
            "PermissionCheck",
            check_permission,
            "Whether the viewer holds a right, at a place or anywhere. It is named by its number or by its name.",
            legacy_code="int | None",
            slug="str | None",
            at="ID | None",
        ),
        **{
            name: declared_field("Query", name, f"{ROOT_LISTS[name].target}Connection", one)
            for name, one in _LIST_FIELDS.items()
        },
    },
    "Everything that can be read. What the viewer may not see is absent.",
)
