"""What a query is told about the viewer's rights themselves.

Where a right is judged at the place of a row, the statement finds the row and Python judges, with the rights whose
epoch the statement checks.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from graphql import FieldNode

import models
from auth.permissions import Permission
from compiler import marks
from compiler.arguments import Argument
from compiler.keys import key_of, no_id
from compiler.parameters import Call
from compiler.plan import NotCompiled
from compiler.scope import Row
from compiler.selection import Fields
from compiler.text import Json, Sql, joined
from compiler.windows import value_of
from compiler.write import Writer, source
from domain.editing import camel
from models import Place
from resolvers.ids import decode
from schema.checks import PermissionCheck, UnknownPermission, permission_named
from schema.graph import type_name_of
from schema.queries import Explanation, UnknownField, explained

Judged = Callable[[Place | None, Call], Any]
"""Makes an object of the place of a row, or of there being none the viewer sees."""


def permission_check(writer: Writer, nodes: list[FieldNode]) -> Json:
    """Whether a right is held, at a place or anywhere."""
    arguments = writer.arguments("Query", nodes[0])
    fields = writer.selections.below("PermissionCheck", nodes)

    def checked(permission: Permission, held: frozenset[Permission]) -> dict[str, Any]:
        return _object("PermissionCheck", PermissionCheck(permission, held), fields)

    def anywhere(call: Call) -> str:
        return orjson.dumps(checked(_named(call, arguments), frozenset(call.standing.actor.places))).decode()

    def there(place: Place | None, call: Call) -> Any:
        if place is None:
            raise NotCompiled("a place there is not")
        return checked(_named(call, arguments), call.standing.actor.permissions_at(place))

    at = value_of(arguments, "at")
    if at is None:
        return (Sql(writer.parameters.bind(("check", id(arguments)), "text", anywhere)),)
    target = decode(at)
    if target is None or target[0] not in (models.Tenant, models.Organization, models.Site):
        raise NotCompiled("a place there is not")
    return _at_place(writer, nodes, target[0], arguments["at"], there)


def _named(call: Call, arguments: dict[str, Argument]) -> Permission:
    given = [arguments[name].read(call.variables) if name in arguments else None for name in ("legacyCode", "slug")]
    try:
        return permission_named(*given)
    except UnknownPermission as error:
        raise NotCompiled("a right there is not") from error


def why_not(writer: Writer, nodes: list[FieldNode]) -> Json:
    """Whether the row of an id is shown, or a field of it."""
    arguments = writer.arguments("Query", nodes[0])
    fields, row, field = writer.selections.below("Explanation", nodes), arguments["id"], arguments.get("field")
    target = decode(row.value)
    if target is None:
        writer.parameters.checks.append(lambda call: no_id(row.read(call.variables)))
        return (orjson.dumps(_object("Explanation", Explanation("NOT_FOUND"), fields)).decode(),)
    model = target[0]

    def told(place: Place | None, call: Call) -> Any:
        asked = None if field is None else field.read(call.variables)
        try:
            return _object("Explanation", explained(call.standing.actor, place, type_name_of(model), asked), fields)
        except UnknownField as error:
            raise NotCompiled("a field there is not") from error

    return _at_place(writer, nodes, model, row, told)


def _at_place(writer: Writer, nodes: list[FieldNode], model: Any, argument: Argument, judged: Judged) -> Json:
    """What is made of the place of the row of an id, if the viewer sees it."""
    key = writer.parameters.bind(
        ("id", id(argument)), "uuid", lambda call: key_of(argument.read(call.variables), model)
    )
    row, rows = Row(model, "w"), f" where {key} = {writer.parameters.tenant}"
    if model is not models.Tenant:
        predicate, row = writer.visible(Row(model, writer.alias("n")))
        rows = source(
            row, [f"{row.alias}.tenant_id = {writer.parameters.tenant}", f"{row.alias}.id = {key}", predicate]
        )

    def make(values: Sequence[Any], call: Call) -> Any:
        found, *ids = values
        organization, site = (None if one is None else uuid.UUID(one) for one in ids)
        return judged(Place(call.standing.actor.tenant_id, organization, site) if found else None, call)

    index = writer.made(marks.Made(f"Query.{nodes[0].name.value}", make))
    there = marks.computed(index, ["true", row.organization or "null::uuid", row.site or "null::uuid"])
    missing = marks.computed(index, ["false", "null::uuid", "null::uuid"])
    return (Sql(f"coalesce((select {joined(there)}{rows}), {joined(missing)})"),)


def _object(type_name: str, told: object, fields: Fields) -> dict[str, Any]:
    """The object of a type whose fields are the attributes of ``told``."""
    said = {camel(name): getattr(one, "name", one) for name, one in vars(told).items()} | {"__typename": type_name}
    return {key: said[below[0].name.value] for key, below in fields.items()}
