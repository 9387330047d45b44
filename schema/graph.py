"""From declarations to Strawberry types: objects, connections, and the inputs that filter and sort them."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

import models
from auth.permissions import Permission
from resolvers.context import Context
from resolvers.ids import Model
from resolvers.loaders import COUNT_CAP
from resolvers.record import Record
from resolvers.relations import Filter, Order
from schema.declaration import PAGING, TYPES, Computed, FieldDeclaration, Paging, TypeDeclaration, declarations
from schema.fields import NAMESPACE, annotation, declared_field, needs, plain_field, settle


def paging(name: str, model: type[models.TenantRow], orders: Mapping[str, Order], filter_class: type) -> None:
    """Declare how lists of type ``name`` are sorted and filtered, and the enum and input that say so."""
    filters = {key: one for key, one in vars(filter_class).items() if isinstance(one, Filter)}
    PAGING[name] = Paging(model, orders, filters)
    graph_enum(f"{name}Order", orders, f"The orders a list of {name} can have.")
    annotations = {key: filter_class.__annotations__[key] for key in filters}
    fields = {key: _filter_field(key, annotations[key], one) for key, one in filters.items()}
    body = {"__annotations__": annotations, **fields}
    made = strawberry.input(type(f"{name}Filter", (), body), description=filter_class.__doc__)
    NAMESPACE[f"{name}Filter"] = settle(made, annotations)


def graph_enum(name: str, members: Iterable[str], description: str) -> type[enum.Enum]:
    """An enum of these names, known to the graph's annotations by its own."""
    made = cast("type[enum.Enum]", enum.Enum(name, {member: member for member in members}))
    NAMESPACE[name] = strawberry.enum(made, description=description)
    return made


def _filter_field(name: str, kind: str, one: Filter) -> StrawberryField:
    return StrawberryField(
        python_name=name,
        type_annotation=annotation(kind),
        default=UNSET,
        description=needs(one.requires),
    )


def node(model: Model) -> Callable[[type], type]:
    """Declare a type that shows rows of ``model``, has an id and can be asked for by it."""

    def declare(cls: type) -> type:
        fields = declarations(cls)
        TYPES[cls.__name__] = TypeDeclaration(cls.__name__, model, {**NODE_FIELDS, **fields}, is_node=True)
        if cls.__name__ in PAGING:
            connection_types(cls.__name__, cls.__name__)
        return _object(cls, fields, (NAMESPACE["Node"],), _shows(model))

    return declare


def group(model: Model) -> Callable[[type], type]:
    """Declare an object made of some columns of a row of ``model``."""
    return _declare(model)


def view(cls: type) -> type:
    """Declare an object that is no row: its fields are computed, or connections from the root."""
    return _declare(None)(cls)


def _declare(model: Model | None) -> Callable[[type], type]:
    def declare(cls: type) -> type:
        fields = declarations(cls)
        TYPES[cls.__name__] = TypeDeclaration(cls.__name__, model, fields, is_node=False)
        return _object(cls, fields, (), lambda value: True)

    return declare


def _shows(model: Model) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Record) and value.model is model


def _object(
    cls: type,
    fields: Mapping[str, FieldDeclaration],
    bases: tuple[type, ...],
    is_of: Callable[[Any], bool],
) -> type:
    body = {name: declared_field(cls.__name__, name, cls.__annotations__[name], one) for name, one in fields.items()}
    return graph_type(cls.__name__, body, cls.__doc__, bases=bases, is_of=is_of)


def graph_type(
    name: str,
    fields: Mapping[str, StrawberryField],
    description: str | None,
    *,
    bases: tuple[type, ...] = (),
    is_of: Callable[[Any], bool] = lambda value: True,
) -> type:
    """A Strawberry object type made of ready fields, known to the graph's annotations by its name."""
    for key, one in fields.items():
        one.python_name = key
    kinds = {key: one.type_annotation.raw_annotation for key, one in fields.items() if one.type_annotation}

    def is_type_of(_cls: type, value: Any, _info: Any) -> bool:
        return is_of(value)

    body: dict[str, Any] = {"__annotations__": kinds, "is_type_of": classmethod(is_type_of), **fields}
    text = " ".join((description or "").split()) or None
    NAMESPACE[name] = settle(strawberry.type(type(name, bases, body), description=text), kinds)
    return NAMESPACE[name]


class AnyPage(Protocol):
    """What a connection shows: some rows of a list, where they lie in it, and how many there are."""

    async def rows(self) -> Sequence[Any]: ...

    async def total(self) -> int: ...

    async def total_capped(self) -> bool: ...

    async def has_next(self) -> bool: ...

    async def has_previous(self) -> bool: ...

    def cursor(self, record: Any) -> str: ...


def connection_types(prefix: str, name: str) -> None:
    """The types of a page of ``name`` and of a row on it. Every list has these same fields."""
    edge_fields = {
        "cursor": plain_field("str", lambda pair: pair[0].cursor(pair[1]), "For `after` and `before`."),
        "node": plain_field(name, lambda pair: pair[1], "The row."),
    }
    graph_type(f"{prefix}Edge", edge_fields, f"A row of a list of {name}.")
    fields = {
        "edges": plain_field(f"list[{prefix}Edge]", _edges, "The rows of this page with their cursors."),
        "nodes": plain_field(f"list[{name}]", lambda page: page.rows(), "The rows of this page."),
        "page_info": plain_field("PageInfo", lambda page: page, "Where this page lies."),
        "total_count": plain_field("int", _total, f"How many visible rows all pages have, counted up to {COUNT_CAP}."),
        "total_count_capped": plain_field(
            "bool", lambda page: page.total_capped(), "Whether there are more than were counted."
        ),
    }
    graph_type(f"{prefix}Connection", fields, f"A page of a list of {name}.")


async def _edges(page: AnyPage) -> list[tuple[AnyPage, Any]]:
    return [(page, record) for record in await page.rows()]


async def _total(page: AnyPage) -> int:
    return min(await page.total(), COUNT_CAP)


async def _start_cursor(page: AnyPage) -> str | None:
    rows = await page.rows()
    return page.cursor(rows[0]) if rows else None


async def _end_cursor(page: AnyPage) -> str | None:
    rows = await page.rows()
    return page.cursor(rows[-1]) if rows else None


graph_type(
    "PageInfo",
    {
        "has_next_page": plain_field("bool", lambda page: page.has_next()),
        "has_previous_page": plain_field("bool", lambda page: page.has_previous()),
        "start_cursor": plain_field("str | None", _start_cursor),
        "end_cursor": plain_field("str | None", _end_cursor),
    },
    "Where a page lies in its list.",
)


def _permissions(context: Context, record: Record) -> list[Permission]:
    return sorted(context.actor.permissions_at(record.place))


NODE_FIELDS: Mapping[str, FieldDeclaration] = {
    "id": FieldDeclaration(Computed(lambda _, record: strawberry.ID(record.node_id), ("id",))),
    "version": FieldDeclaration(description="How often the row was written; for `expectedVersion`."),
    "created_at": FieldDeclaration(),
    "updated_at": FieldDeclaration(),
    "archived_at": FieldDeclaration(),
    "viewer_permissions": FieldDeclaration(
        Computed(_permissions, ("organization_id", "site_id")),
        description="Every right the viewer holds at this row's place.",
    ),
}
_NODE_KINDS = {
    "id": "ID",
    "version": "int",
    "created_at": "datetime",
    "updated_at": "datetime",
    "archived_at": "datetime | None",
    "viewer_permissions": "list[Permission]",
}


def _node_interface() -> type:
    fields = {name: declared_field("Node", name, _NODE_KINDS[name], one) for name, one in NODE_FIELDS.items()}

    def resolve_type(_cls: type, value: Record, _info: Any, _parent: Any) -> str:
        return type_name_of(value.model)

    body: dict[str, Any] = {"__annotations__": dict(_NODE_KINDS), "resolve_type": classmethod(resolve_type), **fields}
    made = strawberry.interface(type("Node", (), body), description="A row of its own, asked for by its id.")
    return settle(made, _NODE_KINDS)


def type_name_of(model: Model) -> str:
    """The graph's type that shows rows of a model."""
    return next(one.name for one in TYPES.values() if one.is_node and one.model is model)


NAMESPACE["Node"] = _node_interface()
