"""How a type of the graph is declared: once, and everything else is read from the declaration.

    @graph.node(models.Contract)
    class Contract:
        title: str
        base_rate: Money | None = guarded(Permission.VIEW_RATES, money("base_rate"))
        site: Site | None = edge(models.Contract.site_id)
        jobs: JobConnection = connection("Job", models.Job.contract_id)

The declarations are kept in ``TYPES``. From them come the Strawberry types, the ``@requires`` directives of the SDL,
the policy file, the matrix page, and all a compiler to SQL needs: which column, which edge, which right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import models
from auth.permissions import Permission
from resolvers.context import Context
from resolvers.expressed import Expressed
from resolvers.ids import Model
from resolvers.relations import Filter, Order, Relation


@dataclass(frozen=True)
class Column:
    """The value of a column of the type's own row; the field's own name if none is given."""

    name: str | None = None


@dataclass(frozen=True)
class MoneyColumns:
    """An amount and its currency, both columns of the row."""

    amount: str
    currency: str = "currency"


@dataclass(frozen=True)
class Embedded:
    """Columns of the same row, shown as an object of their own."""


@dataclass(frozen=True)
class Edge:
    """The row a foreign key refers to, if the viewer may see it."""

    column: str
    target: str = ""


@dataclass(frozen=True)
class ConnectionTo:
    """Rows of another type that refer to this one."""

    target: str
    relation: Relation


@dataclass(frozen=True)
class Only:
    """The one living row of another type that refers to this one, if there is one and the viewer may see it."""

    relation: Relation
    target: str = ""


@dataclass(frozen=True)
class Parts:
    """Objects kept as JSON in a column of the type's own row, called there as in the graph."""


@dataclass(frozen=True)
class Computed:
    """A value made in Python from the row; ``columns`` are the ones it reads, if it reads nothing else.

    ``expressed`` is the same value as SQL makes it.
    """

    compute: Callable[[Context, Any], Any]
    columns: tuple[str, ...] = ()
    expressed: Expressed | None = None


Source = Column | MoneyColumns | Embedded | Edge | ConnectionTo | Only | Parts | Computed


@dataclass(frozen=True)
class FieldDeclaration:
    """One field: where its value comes from and what it takes to see it."""

    source: Source = field(default_factory=Column)
    requires: Permission | None = None
    description: str | None = None


@dataclass(frozen=True)
class TypeDeclaration:
    """One declared type. ``model`` is the row it shows (None for a view, which is no row)."""

    name: str
    model: Model | None
    fields: Mapping[str, FieldDeclaration]
    is_node: bool


@dataclass(frozen=True)
class Paging:
    """How lists of a type can be sorted (the first order is the default) and filtered."""

    model: type[models.TenantRow]
    orders: Mapping[str, Order]
    filters: Mapping[str, Filter]

    @property
    def default_order(self) -> str:
        return next(iter(self.orders))


TYPES: dict[str, TypeDeclaration] = {}
"""Every declared type by its name."""

PAGING: dict[str, Paging] = {}
"""By type name. Declared before the types, because types refer to each other in circles."""


class GuardedFieldNotNullable(TypeError):
    """A denied field is null, so a guarded one that cannot be null would erase its parents."""


def guarded(permission: Permission, source: Source | None = None) -> Any:
    """A field that takes ``permission`` at the row's place; it must be nullable."""
    return FieldDeclaration(source or Column(), permission)


def column(name: str) -> Any:
    """A field shown under another name than its column's."""
    return FieldDeclaration(Column(name))


def money(amount: str, currency: str = "currency") -> MoneyColumns:
    """An amount with its currency."""
    return MoneyColumns(amount, currency)


def embedded() -> Any:
    """Columns of this row grouped into an object."""
    return FieldDeclaration(Embedded())


def parts() -> Any:
    """Objects that are part of the row: seen by whoever sees it, and read with it."""
    return FieldDeclaration(Parts())


def edge(key: Any) -> Any:
    """The row this foreign key refers to; null if there is none or the viewer may not see it."""
    return FieldDeclaration(Edge(key.key))


def only(parent: Any) -> Any:
    """The living row whose ``parent`` key refers to this one; the database holds that there is at most one."""
    orders = {"CREATED": Order(parent.class_.created_at)}
    return FieldDeclaration(Only(Relation(parent.class_, orders, "CREATED", {}, parent)))


def computed(
    compute: Callable[[Context, Any], Any],
    *columns: str,
    expressed: Expressed | None = None,
    description: str | None = None,
) -> Any:
    """A value Python makes of ``columns``, or of whatever it reads; ``expressed`` is how SQL makes it."""
    return FieldDeclaration(Computed(compute, columns, expressed), description=description)


def connection(target: str, parent: Any = None, *, description: str | None = None) -> Any:
    """Pages of ``target`` rows whose ``parent`` key refers to this row, or of all rows of the tenant."""
    spec = PAGING[target]
    relation = Relation(spec.model, spec.orders, spec.default_order, spec.filters, parent)
    return FieldDeclaration(ConnectionTo(target, relation), description=description)


def declarations(cls: type) -> dict[str, FieldDeclaration]:
    """The declarations of a class body: annotated names, with a source or none for a plain column."""
    return {name: _declaration(cls, name, str(annotation)) for name, annotation in cls.__annotations__.items()}


def _declaration(cls: type, name: str, annotation: str) -> FieldDeclaration:
    one: FieldDeclaration = vars(cls).get(name, FieldDeclaration())
    if one.requires is not None and not annotation.endswith("| None"):
        raise GuardedFieldNotNullable(f"{cls.__name__}.{name} is guarded and must be nullable")
    if isinstance(one.source, (Edge, Only)):
        target = annotation.removesuffix(" | None")
        return replace(one, source=replace(one.source, target=target))
    return one
