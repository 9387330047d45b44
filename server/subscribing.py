"""Opening a subscription: what it asks, what it watches, and what its client missed since it was last here."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import structlog
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    SelectionSetNode,
)
from graphql.execution import get_argument_values
from graphql.execution.values import VariableValues
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from outbox.hub import Closable, Hub, Subscription
from outbox.log import Position, missed, present
from resolvers.ids import decode
from schema.root import graphql_schema
from server.documents import Operation, Prepared, RequestRefused, refused
from server.traits import Traits, traits_of

log = structlog.get_logger()

MOST_EVENTS_RESUMED = 1_000
_PLACES = ("Tenant", "Organization", "Site")


@dataclass(frozen=True)
class LiveDocument:
    """What a subscription runs: its operation, variables, and what the document depends on."""

    operation: Operation
    variables: Mapping[str, Any]
    """As they came, but only those the operation declares."""
    coerced: VariableValues
    traits: Traits

    @property
    def prepared(self) -> Prepared:
        """What is run, as it was prepared."""
        return Prepared(self.operation, self.coerced)

    @cached_property
    def key(self) -> tuple[str, str, bytes]:
        """Equal for subscriptions that ask the same."""
        return (
            self.operation.document.text,
            self.operation.name,
            orjson.dumps(self.variables, option=orjson.OPT_SORT_KEYS),
        )


def live_document(prepared: Prepared, given: Mapping[str, Any]) -> LiveDocument:
    """What a prepared subscription runs again and again; ``given`` are its variables as they came."""
    operation, coerced = prepared
    declared = {name: given[name] for name in coerced.sources if name in given}
    return LiveDocument(operation, declared, coerced, traits_of(operation.document.ast))


def subscription_of(id: str, socket: Closable, live: LiveDocument, position: Callable[[], Position]) -> Subscription:
    """A new subscription, with what it is to send first. RequestRefused if it watches nothing there is."""
    name, arguments = _root(live)
    one = Subscription(id, socket, live, live.traits.types)
    if name != "changes":
        one.refresh = True
        return one
    one.types = frozenset(one.value for one in arguments.get("types") or ())
    one.place = _place(arguments["under"])
    one.position = position()
    _begin(one, arguments.get("after"))
    return one


def _place(id: str) -> uuid.UUID:
    target = decode(id)
    if target is None or target[0].__name__ not in _PLACES:
        raise refused("NOT_FOUND", "There is no such place, or it is not visible to you.")
    return target[1]


def _begin(one: Subscription, after: str | None) -> None:
    if after is None:
        one.reload = "STARTED"
        return
    one.resume = Position.of_token(after)
    if one.resume is None:
        one.reload = "OFFSET_UNKNOWN"


async def catch_up(one: Subscription, hub: Hub, engine: AsyncEngine) -> None:
    """Fetch the events since the client's offset. The end is taken after the subscription began to be fed."""
    assert one.resume is not None
    try:
        until = await present(engine)
        events = await missed(engine, one.socket.tenant_id, one.resume, until, MOST_EVENTS_RESUMED)
    except (SQLAlchemyError, OSError) as error:
        log.warning("not_caught_up", error=type(error).__name__)
        hub.reload(one, "OFFSET_UNKNOWN")
        return
    one.position = until
    if events is None:
        hub.reload(one, "OFFSET_TOO_OLD")
    else:
        hub.catch_up(one, events, until)


def _root(live: LiveDocument) -> tuple[str, dict[str, Any]]:
    """The subscription's one field (validation has seen to that) and its arguments."""
    schema = graphql_schema()
    root = schema.subscription_type
    node = _first_field(live, live.operation.node.selection_set)
    if root is None or node.name.value not in root.fields:
        raise refused("GRAPHQL_VALIDATION_FAILED", "A subscription has a field of its own.")
    try:
        return node.name.value, get_argument_values(root.fields[node.name.value], node, live.coerced)
    except GraphQLError as error:
        error.extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
        raise RequestRefused(error) from error


def _first_field(live: LiveDocument, chosen: SelectionSetNode) -> FieldNode:
    first = chosen.selections[0]
    if isinstance(first, FragmentSpreadNode):
        return _first_field(live, live.operation.document.meter.fragments[first.name.value].selection_set)
    if isinstance(first, InlineFragmentNode):
        return _first_field(live, first.selection_set)
    assert isinstance(first, FieldNode)
    return first
