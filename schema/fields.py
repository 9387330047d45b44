"""The fields of the graph, as Strawberry runs them: each resolves itself from what was declared.

This is ordinary execution, field by field, and the reference for every other way to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directive import Location
from strawberry.types import get_object_definition
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

from auth.permissions import Permission
from domain.editing import camel
from resolvers.context import Context
from resolvers.loaders import Choice, Window
from resolvers.pages import ROOT, Page, PageArguments
from resolvers.record import Record
from resolvers.relations import Archived
from schema.declaration import (
    PAGING,
    TYPES,
    Column,
    Computed,
    ConnectionTo,
    Edge,
    Embedded,
    FieldDeclaration,
    MoneyColumns,
    Only,
    Parts,
)

NAMESPACE: dict[str, Any] = {
    "Permission": strawberry.enum(Permission, description="A right, judged at a place."),
    "Archived": strawberry.enum(Archived, description="Whether archived rows are listed."),
    "ID": strawberry.ID,
    "datetime": datetime,
    "date": date,
    "Decimal": Decimal,
}
"""Every name an annotation of the graph may refer to, filled as types are declared."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="Null, with an error FIELD_FORBIDDEN, for viewers without this right at the row's place.",
)
class Requires:
    permission: Permission


def settle(made: type, kinds: Mapping[str, Any]) -> type:
    """Give the fields of a made type their annotations back: dataclasses rebind them to the module they run in."""
    for one in get_object_definition(made, strict=True).fields:
        if one.python_name in kinds:
            one.type_annotation = annotation(kinds[one.python_name])
    return made


def annotation(kind: Any) -> StrawberryAnnotation:
    """An annotation whose names are looked up among the graph's."""
    return StrawberryAnnotation(kind, namespace=NAMESPACE)


class PlainField(StrawberryField):
    """A field that is a function of its parent."""

    read: Callable[[Any], Any]

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return self.read(source)


class DeclaredField(StrawberryField):
    """A field that is resolved from its declaration."""

    declaration: FieldDeclaration
    owner: str

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """The value for ``source``, or null and a noted denial if the right is missing."""
        context: Context = info.context
        permission = self.declaration.requires
        if permission is not None and not context.actor.holds(permission, source.place):
            path = tuple(info.path.as_list())
            context.denials.note(self.owner, camel(self.python_name), permission, path)
            return None
        return _READ[type(self.declaration.source)](self, context, source, kwargs)


def _read_column(one: DeclaredField, context: Context, record: Record, given: Any) -> Any:
    source: Any = one.declaration.source
    return getattr(record.row, source.name or one.python_name)


def _read_money(one: DeclaredField, context: Context, record: Record, given: Any) -> Any:
    source: Any = one.declaration.source
    amount = getattr(record.row, source.amount)
    return None if amount is None else (amount, getattr(record.row, source.currency))


def _read_embedded(one: DeclaredField, context: Context, record: Record, given: Any) -> Any:
    return record


def _read_edge(one: DeclaredField, context: Context, record: Record, given: Any) -> Any:
    source: Any = one.declaration.source
    key = getattr(record.row, source.column)
    if key is None:
        return None
    model = TYPES[source.target].model
    assert model is not None
    return context.loaders.row(model).load((context.actor.user_id, key))


def _read_connection(one: DeclaredField, context: Context, record: Any, given: Any) -> Any:
    source: Any = one.declaration.source
    parent = record.key if source.relation.parent is not None else ROOT
    return Page(context, source.relation, page_arguments(given), parent)


def _read_parts(one: DeclaredField, context: Context, record: Record, given: Any) -> Any:
    return getattr(record.row, one.python_name)


async def _read_only(one: DeclaredField, context: Context, record: Record, given: Any) -> Record | None:
    source: Any = one.declaration.source
    window = Window(1, source.relation.orders[source.relation.default_order])
    found = await context.loaders.page(source.relation, Choice(), window).load((context.actor.user_id, record.key))
    return found[0] if found else None


def _read_computed(one: DeclaredField, context: Context, record: Any, given: Any) -> Any:
    source: Any = one.declaration.source
    return source.compute(context, record)


_READ: Mapping[type, Callable[[DeclaredField, Context, Any, Any], Any]] = {
    Column: _read_column,
    MoneyColumns: _read_money,
    Embedded: _read_embedded,
    Edge: _read_edge,
    ConnectionTo: _read_connection,
    Only: _read_only,
    Parts: _read_parts,
    Computed: _read_computed,
}


def page_arguments(given: Mapping[str, Any]) -> PageArguments:
    """The arguments of a connection field as plain data."""
    order, chosen = given.get("order"), given.get("filter")
    return PageArguments(
        first=given.get("first"),
        last=given.get("last"),
        after=given.get("after"),
        before=given.get("before"),
        order=order.value if order else None,
        filters=tuple(_chosen(chosen)) if chosen else (),
        archived=given.get("archived") or Archived.EXCLUDE,
    )


def given_in(value: object) -> dict[str, Any]:
    """The fields of an input object that were given, null or not."""
    return {name: one for name, one in vars(value).items() if one is not UNSET}


def _chosen(given: object) -> list[tuple[str, Any]]:
    """The filters that were given; null means "do not filter", as leaving it out does."""
    return [(name, _plain(one)) for name, one in given_in(given).items() if one is not None]


def _plain(value: Any) -> Any:
    return value.plain() if hasattr(value, "plain") else value


def parameter(name: str, kind: str) -> StrawberryArgument:
    """An argument of a field; one that may be null may be left out."""
    if kind.endswith("| None"):
        return StrawberryArgument(name, None, annotation(kind), default=None)
    return StrawberryArgument(name, None, annotation(kind))


def page_parameters(target: str) -> list[StrawberryArgument]:
    """The arguments every connection to ``target`` takes."""
    order = NAMESPACE[f"{target}Order"](PAGING[target].default_order)
    kinds: dict[str, tuple[Any, Any]] = {
        "first": ("int | None", None),
        "after": ("str | None", None),
        "last": ("int | None", None),
        "before": ("str | None", None),
        "order": (f"{target}Order", order),
        "filter": (f"{target}Filter | None", None),
        "archived": ("Archived", Archived.EXCLUDE),
    }
    return [
        StrawberryArgument(name, None, annotation(kind), default=default) for name, (kind, default) in kinds.items()
    ]


def needs(permission: Permission | None) -> str | None:
    """The sentence in a description that names the right a field or argument takes."""
    return f"Needs the permission `{permission}`." if permission else None


def declared_field(owner: str, name: str, kind: Any, one: FieldDeclaration) -> DeclaredField:
    """The Strawberry field of a declaration."""
    made = DeclaredField(
        python_name=name,
        type_annotation=annotation(kind),
        description="\n\n".join(filter(None, (one.description, needs(one.requires)))) or None,
        directives=[Requires(permission=one.requires)] if one.requires else [],
    )
    made.declaration, made.owner, made.init = one, owner, False
    if isinstance(one.source, ConnectionTo):
        made.arguments = page_parameters(one.source.target)
    return made


def plain_field(kind: Any, read: Callable[[Any], Any], description: str | None = None) -> PlainField:
    """A field of a helper type: ``read`` makes the value from the parent."""
    made = PlainField(type_annotation=annotation(kind), description=description)
    made.read, made.init = read, False
    return made
