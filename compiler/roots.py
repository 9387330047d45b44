"""The roots of a query: the viewer, nodes by their ids, and lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from graphql import FieldNode

import models
from compiler.arguments import Argument
from compiler.audit import audit_trail
from compiler.explanations import permission_check, why_not
from compiler.foretold import access_preview
from compiler.keys import key_of, no_id
from compiler.lists import connection
from compiler.parameters import Call
from compiler.plan import NotCompiled
from compiler.scope import Row
from compiler.selection import Fields
from compiler.text import NULL, Json, Sql, escaped, found, joined, listed, quoted, record
from compiler.write import Writer, declared_fields, identifier
from resolvers.ids import MODELS, PREFIXES, decode
from schema.declaration import ConnectionTo
from schema.graph import type_name_of
from schema.queries import MOST_NODES, ROOT_LISTS


def root(writer: Writer, nodes: list[FieldNode]) -> Json:
    """The value of one field of Query."""
    name = nodes[0].name.value
    if name == "__typename":
        return ('"Query"',)
    if name == "viewer":
        return viewer(writer, writer.selections.below("Viewer", nodes))
    if name == "node":
        return _node(writer, writer.arguments("Query", nodes[0])["id"], nodes)
    if name == "nodes":
        return _nodes(writer, writer.arguments("Query", nodes[0])["ids"], nodes)
    if name in ROOT_LISTS:
        one = ROOT_LISTS[name]
        arguments = writer.arguments("Query", nodes[0])
        fields = writer.selections.below(f"{one.target}Connection", nodes)
        return connection(writer, one.target, one.relation, arguments, fields, None)
    if name in _OTHERS:
        return _OTHERS[name](writer, nodes)
    raise NotCompiled(f"Query.{name}")


_OTHERS: Mapping[str, Callable[[Writer, list[FieldNode]], Json]] = {
    "auditTrail": audit_trail,
    "accessPreview": access_preview,
    "checkPermission": permission_check,
    "whyNot": why_not,
}


def node_by(writer: Writer, model: Any, key: str, nodes: list[FieldNode]) -> Json:
    """The object of a node whose id is the SQL ``key``."""
    name = type_name_of(model)
    fields = writer.selections.below(name, nodes)
    if model is models.Tenant:
        return _tenant(writer, fields, f" and w.id = {key}")
    return writer.found(name, Row(model, writer.alias("n")), key, fields)


def _node(writer: Writer, argument: Argument, nodes: list[FieldNode]) -> Json:
    target = decode(argument.value)
    if target is None:
        writer.parameters.checks.append(lambda call: no_id(argument.read(call.variables)))
        return NULL
    model = target[0]
    key = writer.parameters.bind(
        ("id", id(argument)), "uuid", lambda call: key_of(argument.read(call.variables), model)
    )
    return node_by(writer, model, key, nodes)


def _nodes(writer: Writer, argument: Argument, nodes: list[FieldNode]) -> Json:
    if len(argument.value) > MOST_NODES:
        raise NotCompiled("too many ids")
    targets = [decode(one) for one in argument.value]
    present = {target[0] for target in targets if target}

    def keys(call: Call) -> list[Any]:
        found = [decode(one) for one in argument.read(call.variables)]
        if len(found) > MOST_NODES or {one[0] for one in found if one} - present:
            raise NotCompiled("ids of other types")
        return [one[1] if one else None for one in found]

    def kinds(call: Call) -> list[str]:
        return [PREFIXES[one[0]] if (one := decode(text)) else "" for text in argument.read(call.variables)]

    bind, alias = writer.parameters.bind, writer.alias("i")
    asked = f"unnest({bind(('keys', id(argument)), 'uuid[]', keys)}, {bind(('kinds', id(argument)), 'text[]', kinds)})"
    cases = "".join(
        f" when '{prefix}' then {joined(node_by(writer, model, f'{alias}.key', nodes))}"
        for prefix, model in MODELS.items()
        if model in present
    )
    value = (Sql(f"case {alias}.kind{cases} else 'null' end"),) if cases else NULL
    return listed(value, f" from {asked} with ordinality {alias}(key, kind, place)", f" order by {alias}.place")


def viewer(writer: Writer, fields: Fields) -> Json:
    """The viewer's object."""
    return record((key, _viewer_field(writer, nodes)) for key, nodes in fields.items())


_OWN: Mapping[str, Json] = {
    "__typename": ('"Viewer"',),
    "id": identifier("viewer", "me"),
    "name": escaped("me.name"),
    "email": escaped("me.email"),
    "kind": quoted("me.kind"),
    "epoch": (Sql("me.epoch::text"),),
}


def _viewer_field(writer: Writer, nodes: list[FieldNode]) -> Json:
    name = nodes[0].name.value
    if name in _OWN:
        return _OWN[name]
    if name in _MADE:
        return _MADE[name](writer, nodes)
    declared = declared_fields("Viewer")[name][1].source
    if not isinstance(declared, ConnectionTo):
        raise NotCompiled(f"Viewer.{name}")
    fields = writer.selections.below(f"{declared.target}Connection", nodes)
    arguments = writer.arguments("Viewer", nodes[0])
    return connection(writer, declared.target, declared.relation, arguments, fields, None)


def _viewed_by(writer: Writer, nodes: list[FieldNode]) -> Json:
    """Whoever looks through the viewer's eyes: as with the places, what was read of the session holds."""
    fields = writer.selections.below("ViewedBy", nodes)
    keys = [(key, below[0].name.value) for key, below in fields.items()]

    def shown(call: Call) -> str:
        viewing = call.standing.actor.viewed_by
        said = {"__typename": "ViewedBy", "name": viewing.name if viewing else None}
        return orjson.dumps({key: said[name] for key, name in keys} if viewing else None).decode()

    return (Sql(writer.parameters.bind(("viewed by", tuple(keys)), "text", shown)),)


def _held(writer: Writer, _: list[FieldNode]) -> Json:
    return (Sql(writer.parameters.bind("held", "text", lambda call: call.held_permissions())),)


def _user(writer: Writer, nodes: list[FieldNode]) -> Json:
    return node_by(writer, models.User, "me.id", nodes)


def _own_tenant(writer: Writer, nodes: list[FieldNode]) -> Json:
    return _tenant(writer, writer.selections.below("Tenant", nodes), "")


def _tenant(writer: Writer, fields: Fields, further: str) -> Json:
    row = Row(models.Tenant, "w")  # type: ignore[arg-type]
    rows = f" from tenant w where w.id = {writer.parameters.tenant}{further}"
    return found(writer.record("Tenant", row, fields), rows)


def _places(writer: Writer, nodes: list[FieldNode]) -> Json:
    """The places of the viewer's grants. They were read at the epoch this statement checks, so they hold."""
    fields, alias = writer.selections.below("AccessPlace", nodes), writer.alias("p")
    place = record((key, _place_field(writer, alias, below)) for key, below in fields.items())
    bind = writer.parameters.bind
    parts = (
        bind("place organizations", "uuid[]", lambda call: [one.organization for one in call.places()]),
        bind("place sites", "uuid[]", lambda call: [one.site for one in call.places()]),
        bind("place rights", "text[]", lambda call: [_names(call, one) for one in call.places()]),
    )
    rows = f"unnest({', '.join(parts)}) with ordinality {alias}(organization_id, site_id, rights, place)"
    return listed(place, f" from {rows}", f" order by {alias}.place")


def _names(call: Call, place: models.Place) -> str:
    held = call.standing.actor.permissions_at(place)
    return orjson.dumps([one.name for one in sorted(held)]).decode()


def _place_field(writer: Writer, alias: str, nodes: list[FieldNode]) -> Json:
    name = nodes[0].name.value
    if name == "__typename":
        return ('"AccessPlace"',)
    if name == "permissions":
        return (Sql(f"{alias}.rights"),)
    model = models.Organization if name == "organization" else models.Site
    return node_by(writer, model, f"{alias}.{name}_id", nodes)


_MADE: Mapping[str, Callable[[Writer, list[FieldNode]], Json]] = {
    "permissions": _held,
    "user": _user,
    "tenant": _own_tenant,
    "places": _places,
    "viewedBy": _viewed_by,
}
