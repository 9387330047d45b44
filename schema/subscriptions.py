"""What is pushed. The fields have no streams of their own: the hub of a process feeds every open subscription."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from resolvers.context import Context
from resolvers.ids import PREFIXES
from resolvers.record import Record
from schema.fields import NAMESPACE, annotation, parameter, plain_field
from schema.graph import graph_enum, graph_type


class ChangeKind(enum.Enum):
    """What happened to a node, as its viewer sees it."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    GONE = "GONE"


NAMESPACE["ChangeKind"] = strawberry.enum(ChangeKind, description="GONE: the viewer cannot see the node any more.")
NodeTypeName = graph_enum("NodeTypeName", [model.__name__ for model in PREFIXES], "The types that have nodes.")


@dataclass(frozen=True)
class Change:
    """One event, for one viewer. ``record`` is the node as that viewer sees it, or None if it is gone."""

    event: str
    kind: ChangeKind
    node_id: str
    node_type: str
    version: int
    offset: str
    epoch: int
    record: Record | None


@dataclass(frozen=True)
class Reload:
    """Continuity cannot be shown: whatever the client holds must be fetched anew."""

    reason: str
    offset: str


graph_type(
    "Change",
    {
        "event": plain_field("str", lambda one: one.event, "What happened, such as ContractActivated."),
        "kind": plain_field("ChangeKind", lambda one: one.kind),
        "node_id": plain_field("ID", lambda one: one.node_id),
        "node_type": plain_field("NodeTypeName", lambda one: NodeTypeName(one.node_type)),
        "version": plain_field("int", lambda one: one.version, "The node's version after the event."),
        "epoch": plain_field("int", lambda one: one.epoch, "The epoch of the viewer's rights this was shown under."),
        "offset": plain_field("str", lambda one: one.offset, "Give it as `after` to go on behind this event."),
        "node": plain_field("Node | None", lambda one: one.record, "The node now; null if it is gone."),
    },
    "Something happened to a node under the place.",
    is_of=lambda value: isinstance(value, Change),
)  # fmt: skip
graph_type(
    "Reload",
    {
        "reason": plain_field(
            "str", lambda one: one.reason, "STARTED, OFFSET_UNKNOWN, OFFSET_TOO_OLD or TOO_MANY_EVENTS."
        ),
        "offset": plain_field("str", lambda one: one.offset, "Where the stream goes on."),
    },
    "Events may have been missed: fetch anew what you show.",
    is_of=lambda value: isinstance(value, Reload),
)
NAMESPACE["ChangeEvent"] = Annotated[NAMESPACE["Change"] | NAMESPACE["Reload"], strawberry.union("ChangeEvent")]


class EventField(StrawberryField):
    """A subscription's field: the pushed value itself is what it resolves to."""

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        context: Context = info.context
        return context if source is None else source


def _event_field(kind: str, description: str, **parameters: str) -> EventField:
    made = EventField(type_annotation=annotation(kind), description=description)
    made.init = False
    made.arguments = [parameter(name, one) for name, one in parameters.items()]
    return made


Subscription = graph_type(
    "Subscription",
    {
        "access": _event_field(
            "Viewer",
            "The viewer's whole access, first as it is and then again whenever anything selected here may have"
            " changed.",
        ),
        "changes": _event_field(
            "ChangeEvent",
            "What happens to the nodes under a place, as far as the viewer may see them.",
            under="ID",
            types="list[NodeTypeName] | None",
            after="str | None",
        ),
    },
    "What is pushed over a socket.",
)
