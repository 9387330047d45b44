"""Windows: which part of a sorted list is asked for, and the cursors that say where a part begins and ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from auth.permissions import Permission
from auth.scope import strays, viewing_permissions
from compiler.arguments import Argument
from compiler.parameters import Call, Parameters
from compiler.plan import NotCompiled
from compiler.scope import Row
from compiler.shape import Shape
from resolvers.cursors import MAC_BYTES, parse
from resolvers.pages import LARGEST
from resolvers.relations import Column, Order, Relation

_SQL_KINDS: Mapping[type, str] = {
    datetime: "timestamptz",
    date: "date",
    Decimal: "numeric",
    bool: "boolean",
    int: "bigint",
    str: "text",
}


@dataclass(frozen=True)
class Window:
    """The part of a list that is asked for."""

    relation: Relation
    size: int
    order: Order
    order_name: str
    backward: bool
    arguments: Mapping[str, Argument]

    @property
    def descending(self) -> bool:
        """Whether rows are read from the highest key down."""
        return self.order.descending != self.backward

    def has(self, name: str) -> bool:
        """Whether a cursor was given."""
        return value_of(self.arguments, name) is not None


def window(relation: Relation, arguments: Mapping[str, Argument], shape: Shape) -> Window:
    """The window the arguments of a connection ask for; NotCompiled if they are to be refused."""
    first, last = value_of(arguments, "first"), value_of(arguments, "last")
    size = last if last is not None else first
    if size is None or (first is not None and last is not None) or not 1 <= size <= LARGEST:
        raise NotCompiled("the size of a page")
    name = arguments["order"].value.value
    allow(relation, relation.orders[name].requires, shape)
    return Window(relation, size, relation.orders[name], name, last is not None, arguments)


def value_of(arguments: Mapping[str, Argument], name: str) -> Any:
    """The value of an argument; None if it was left out."""
    return arguments[name].value if name in arguments else None


def allow(relation: Relation, permission: Permission | None, shape: Shape) -> None:
    """Sorting and filtering by a guarded field is sure where it is held exactly where rows are seen, or everywhere."""
    if permission is None:
        return
    index = shape.class_of(permission)
    seen = {shape.class_of(one) for one in viewing_permissions(relation.model)} - {None}
    same = seen <= {index} and not strays(relation.model)
    if index is None or not (shape.reaches[index].tenant or same):
        raise NotCompiled("sorting or filtering by a guarded field")


@dataclass(frozen=True)
class Cursors:
    """The SQL of a window's order over the rows of ``row``: sorting, bounds, and the cursors themselves."""

    window: Window
    row: Row
    parameters: Parameters

    def sort(self) -> str:
        """The order of reading: towards the end of the list, or backwards."""
        return self._by(self.window.descending)

    def turned(self) -> str:
        """The order against the reading."""
        return self._by(not self.window.descending)

    def bounds(self) -> Iterator[str]:
        """The keyset: strictly beyond ``after`` and strictly before ``before``, in the order of the list."""
        down = self.window.order.descending
        for name, sign in (("after", "<" if down else ">"), ("before", ">" if down else "<")):
            if self.window.has(name):
                position = f"{self._value(name)}, {self._id(name)}"
                yield f"({self.key}, {self.row.alias}.id) {sign} ({position})"

    def cursor(self, key: str, id: str) -> str:
        """The cursor of a sort key and an id, as ``resolvers.cursors`` writes it.

        HMAC-SHA-256 from PostgreSQL's own sha256, in hexadecimal: base64 costs ten times that.
        """
        body = f"uuid_send({id}) || {self._sent(key)}"
        inner, outer = (self._pad(part) for part in (0, 1))
        mac = f"substr(sha256({outer} || sha256({inner} || {body})), 1, {MAC_BYTES})"
        return f"encode({mac} || {body}, 'hex')"

    def _by(self, descending: bool) -> str:  # noqa: FBT001  (two ends of one line)
        direction = "desc" if descending else "asc"
        return f"{self.key} {direction}, {self.row.alias}.id {direction}"

    @property
    def key(self) -> str:
        """The sort value of a row."""
        order = self.window.order
        value = f"{self.row.alias}.{order.column.key}"
        return value if order.absent is None else f"coalesce({value}, '{order.absent}')"

    def _sent(self, key: str) -> str:
        kind = plain_kind(self.window.order.column)
        if kind is datetime:
            return f"timestamptz_send({key})"
        return f"date_send({key})" if kind is date else f"convert_to({key}::text, 'UTF8')"

    def _pad(self, part: int) -> str:
        relation, order = self.window.relation.key(), self.window.order_name

        def pad(call: Call) -> bytes:
            return call.pads(relation, order)[part]

        return self.parameters.bind(("pad", part, relation, order), "bytea", pad)

    def _value(self, name: str) -> str:
        kind: Any = self.window.order.kind

        def value(call: Call) -> Any:
            return parse(self._opened(call, name)[0], kind)

        return self.parameters.bind((id(self), name, "value"), sql_kind(self.window.order.column), value)

    def _id(self, name: str) -> str:
        return self.parameters.bind((id(self), name, "id"), "uuid", lambda call: self._opened(call, name)[1])

    def check(self) -> None:
        """Have the cursors opened at every call: one that is not of this list is refused even if no row is read."""
        for name in ("after", "before"):
            if self.window.has(name):
                self.parameters.checks.append(partial(self._opened, name=name))

    def _opened(self, call: Call, name: str) -> tuple[bytes, Any]:
        given = self.window.arguments[name].read(call.variables)
        opened = call.seal(self.window.relation.key(), self.window.order_name).read(given)
        if opened is None:
            raise NotCompiled("a cursor that is not of this list")
        return opened


def plain_kind(column: Column) -> type:
    """The plain Python type of a column's values: enums are kept as text."""
    kind: type = column.property.columns[0].type.python_type
    return next(one for one in _SQL_KINDS if issubclass(kind, one))


def sql_kind(column: Column) -> str:
    """The type of parameters that are compared with a column."""
    return _SQL_KINDS[plain_kind(column)]
