"""What a query is told about the viewer's rights themselves, as far as no row's fields have to be judged for it."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import FieldNode

import models
from auth.permissions import Permission
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
from resolvers.ids import decode
from schema.checks import PermissionCheck, UnknownPermission, permission_named
from schema.queries import Explanation


def permission_check(writer: Writer, nodes: list[FieldNode]) -> Json:
    """Whether a right is held anywhere: what was read of the session says so. At a place a row has to be found."""
    arguments = writer.arguments("Query", nodes[0])
    if value_of(arguments, "at") is not None:
        raise NotCompiled("a right at a place")
    fields = writer.selections.below("PermissionCheck", nodes)

    def told(call: Call) -> str:
        permission = _named(call, arguments.get("legacyCode"), arguments.get("slug"))
        return _text("PermissionCheck", PermissionCheck(permission, frozenset(call.standing.actor.places)), fields)

    return (Sql(writer.parameters.bind(("check", id(arguments)), "text", told)),)


def _named(call: Call, legacy_code: Argument | None, slug: Argument | None) -> Permission:
    given = [None if one is None else one.read(call.variables) for one in (legacy_code, slug)]
    try:
        return permission_named(*given)
    except UnknownPermission as error:
        raise NotCompiled("a right there is not") from error


def why_not(writer: Writer, nodes: list[FieldNode]) -> Json:
    """Whether the row of an id is shown. Of its fields ordinary execution tells."""
    arguments = writer.arguments("Query", nodes[0])
    if value_of(arguments, "field") is not None:
        raise NotCompiled("why a field is not shown")
    fields = writer.selections.below("Explanation", nodes)
    shown, absent = ((_text("Explanation", Explanation(code), fields),) for code in ("VISIBLE", "NOT_FOUND"))
    seen = _seen(writer, arguments["id"])
    return absent if seen is None else (Sql(f"case when {seen} then {joined(shown)} else {joined(absent)} end"),)


def _seen(writer: Writer, argument: Argument) -> str | None:
    """The condition that the viewer sees the row of the id; None if it is the id of none."""
    target = decode(argument.value)
    if target is None:
        writer.parameters.checks.append(lambda call: no_id(argument.read(call.variables)))
        return None
    model: Any = target[0]
    key = writer.parameters.bind(
        ("id", id(argument)), "uuid", lambda call: key_of(argument.read(call.variables), model)
    )
    if model is models.Tenant:
        return f"{key} = {writer.parameters.tenant}"
    predicate, row = writer.visible(Row(model, writer.alias("n")))
    conditions = [f"{row.alias}.tenant_id = {writer.parameters.tenant}", f"{row.alias}.id = {key}", predicate]
    return f"exists (select{source(row, conditions)})"


def _text(type_name: str, told: object, fields: Fields) -> str:
    """The object of a type whose fields are the attributes of ``told``."""
    said = {camel(name): getattr(one, "name", one) for name, one in vars(told).items()} | {"__typename": type_name}
    return orjson.dumps({key: said[below[0].name.value] for key, below in fields.items()}).decode()
