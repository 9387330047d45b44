"""Mutations, made from the list of actions: one input, and a payload with the object and what was refused."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

from auth.permissions import Permission
from domain.editing import camel
from domain.refusals import Refused
from resolvers import inviting
from resolvers.actions import ACTIONS, Action
from resolvers.commands import Commander, Order
from resolvers.outcomes import Outcome, user_error
from schema.fields import NAMESPACE, PlainField, annotation, given_in, plain_field, settle
from schema.graph import graph_type

LONGEST_KEY = 128

graph_type(
    "UserError",
    {
        "field": plain_field("list[str] | None", lambda error: error.field, "The input field at fault."),
        "code": plain_field("str", lambda error: error.code, "Stable, for programs."),
        "message": plain_field("str", lambda error: error.message, "For people."),
        "current_version": plain_field(
            "int | None", lambda error: error.current_version, "With CONFLICT: the version there is now."
        ),
        "permission": plain_field(
            "Permission | None",
            lambda error: error.permission and Permission(error.permission),
            "With FORBIDDEN: the right that is missing.",
        ),
        "legacy_code": plain_field(
            "int | None", lambda error: error.legacy_code, "With FORBIDDEN: its number in older systems, if it had one."
        ),
    },
    "Why a command was refused. Nothing was written.",
)


_KINDS: Mapping[type, str] = {
    str: "str",
    int: "int",
    bool: "bool",
    Decimal: "Decimal",
    datetime: "datetime",
    date: "date",
    list: "list",
}


# Columns that hold objects, with the inputs they are given as.
_PARTS: Mapping[str, str] = {"figures": "list[FigureInput]"}


class Payload:
    """The answer of a command, before its fields are asked for."""

    def __init__(self, commander: Commander, outcome: Outcome) -> None:
        self.commander = commander
        self.errors = outcome.errors
        self.shown = outcome.shown
        self.node = outcome.node

    def row(self) -> Any:
        """The row the command was about, as the viewer may see it now."""
        return None if self.node is None else self.commander.row(self.node)


class MutationField(StrawberryField):
    """A field that performs an action."""

    action: Action

    @property
    def is_basic_field(self) -> bool:
        return False

    async def get_result(self, source: Commander, info: Any, args: Any, kwargs: Any) -> Payload:
        given = given_in(kwargs["input"])
        try:
            fields = _fields(self.action, given)
        except Refused as refusal:
            return Payload(source, Outcome(None, (user_error(refusal),)))
        rest = {name: plain(value) for name, value in given.items() if name not in fields}
        return Payload(source, await source.carry_out(Order(self.action.name, self.action.act, rest, fields)))


def _fields(action: Action, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that were given; null is refused where the column cannot be null."""
    key = given.get("idempotency_key")
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        text = f"A key has 1 to {LONGEST_KEY} characters."
        raise Refused(text, field="idempotencyKey", code="INVALID_LENGTH")
    fields = {name: plain(value) for name, value in given.items() if name in action.fields}
    for name, value in fields.items():
        if value is None and not action.model.__table__.c[name].nullable:
            raise Refused("This cannot be null.", field=camel(name), code="REQUIRED")
    return fields


def plain(value: Any) -> Any:
    """A value as plain data: input objects become mappings of what was given."""
    if isinstance(value, list):
        return [plain(one) for one in cast("list[Any]", value)]
    if hasattr(value, "__strawberry_definition__") and not isinstance(value, enum.Enum):
        return {name: plain(one) for name, one in given_in(value).items()}
    return value


def kind_of_column(action: Action, name: str) -> str:
    """The graph's type for a column's value."""
    if name in _PARTS:
        return _PARTS[name]
    column = action.model.__table__.c[name]
    item = getattr(column.type, "item_type", None)
    if item is not None:
        enum_of_items: type[enum.Enum] | None = getattr(item, "enum_class", None)
        return f"list[{enum_of_items.__name__ if enum_of_items else 'str'}]"
    enum_class: type[enum.Enum] | None = getattr(column.type, "enum_class", None)
    return enum_class.__name__ if enum_class else _KINDS[column.type.python_type]


def _invite_input() -> None:
    """What an invited person is given, as part of another input."""
    kinds = dict(inviting.WELCOME)
    cls = type(
        "InviteInput",
        (),
        {"__annotations__": kinds, **{name: _input_field(name, kind) for name, kind in kinds.items()}},
    )
    NAMESPACE["InviteInput"] = settle(
        strawberry.input(cls, description="Invite the contact at once, with this."), kinds
    )


def _input(action: Action) -> type:
    kinds: dict[str, str] = {}
    for name in action.ids:
        kinds[name.removesuffix("?")] = "ID | None" if name.endswith("?") else "ID"
    kinds |= dict(action.extra)
    for name in action.fields:
        kind = kind_of_column(action, name)
        kinds[name] = kind if name in action.required else f"{kind} | None"
    if action.versioned:
        kinds["expected_version"] = "int | None"
    kinds["idempotency_key"] = "str | None"
    fields = {name: _input_field(name, kind) for name, kind in kinds.items()}
    title = action.name[0].upper() + action.name[1:]
    cls = type(f"{title}Input", (), {"__annotations__": kinds, **fields})
    NAMESPACE[cls.__name__] = settle(strawberry.input(cls), kinds)
    return cls


def _input_field(name: str, kind: str) -> StrawberryField:
    optional = {"default": UNSET} if kind.endswith("| None") else {}
    return StrawberryField(python_name=name, type_annotation=annotation(kind), description=_HELP.get(name), **optional)


_HELP = {
    "expected_version": "Refuse with CONFLICT if the row has another version by now.",
    "expected_primary_id": "Refuse with CONFLICT if another contact is primary by now.",
    "idempotency_key": "Repeat a command under the same key and it happens once.",
}


def _shown(name: str) -> PlainField:
    """A secret in the payload: there once, for whoever sees the row, and null when the command is repeated."""

    async def read(payload: Payload) -> str | None:
        row = payload.row()
        return payload.shown.get(name) if row is not None and await row is not None else None

    return plain_field("str | None", read, "Shown this once: keep it. Null if the command is repeated.")


def _field(action: Action) -> MutationField:
    title = action.name[0].upper() + action.name[1:]
    row = action.model.__name__
    _input(action)
    graph_type(
        f"{title}Payload",
        {
            snake(row): plain_field(f"{row} | None", Payload.row),
            **{name: _shown(name) for name in action.shows},
            "user_errors": plain_field("list[UserError]", lambda payload: payload.errors),
        },
        f"The answer of `{action.name}`.",
    )
    made = MutationField(
        graphql_name=action.name,
        type_annotation=annotation(f"{title}Payload"),
        description=" ".join((action.description or "").split()),
    )
    made.action, made.init = action, False
    made.arguments = [StrawberryArgument("input", None, annotation(f"{title}Input"))]
    return made


def snake(name: str) -> str:
    """A name in snake case: ``activateContract`` gives ``activate_contract``."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


_invite_input()
Mutation = graph_type("Mutation", {snake(one.name): _field(one) for one in ACTIONS}, "Every change.")
