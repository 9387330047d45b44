"""The service and the oracle are asked the same, and every difference is a failure."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_client_schema,
    get_introspection_query,
    get_named_type,
    is_leaf_type,
)

from tests.matrix.oracle import Cursor, Eyes, answer
from tests.world.mirror import Mirror, Row
from tests.world.serving import Ask

MAC_BYTES = 16
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(rf"{_DAY.pattern}T.*Z")


@dataclass
class Checker:
    """Asks both. Cursors that were issued are remembered, so that the oracle knows what they stand for."""

    ask: Ask
    mirror: Mirror
    cursors: dict[str, Cursor] = field(default_factory=dict)

    def eyes(self, viewer: str) -> Eyes:
        return Eyes(self.mirror, self.mirror.rows["User"][self.ask.world.users[viewer]], self.cursors)

    async def same(self, viewer: str, document: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data both gave."""
        expected = answer(self.eyes(viewer), document, variables)
        actual = await self.ask(viewer, document, variables)
        check(expected, actual, self.cursors, f"{viewer}: {document[:300]} {variables}")
        return actual["data"]


def check(expected: Any, actual: Any, cursors: dict[str, Cursor], about: str) -> None:
    """Fail unless the answer is the expected one; learn its cursors."""
    said = errors_of(actual)
    assert said == expected["errors"], f"{about}\n got errors {said}\n expected {expected['errors']}"
    _check(expected["data"], actual.get("data"), cursors, about)


def errors_of(actual: Mapping[str, Any]) -> list[Any]:
    """The errors of an answer without their words."""
    found = []
    for error in actual.get("errors", ()):
        extensions = error["extensions"]
        counted = "count" in extensions
        found.append((
            extensions["code"],
            tuple(error.get("path", ())),
            extensions["field"] if counted else None,
            extensions.get("count"),
        ))  # fmt: skip
    return sorted(found, key=repr)


def _check(expected: Any, actual: Any, cursors: dict[str, Cursor], where: str) -> None:
    if isinstance(expected, Cursor):
        assert read_of(actual) == (expected.row.partition("_")[2], _sent(expected.value)), where
        cursors[actual] = expected
    elif isinstance(expected, dict):
        assert isinstance(actual, dict), f"{where}: {actual!r} instead of {expected!r}"
        assert list(actual) == list(expected), where
        for name, value in expected.items():
            _check(value, actual[name], cursors, f"{where}\n.{name}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), f"{where}: {actual!r} instead of {expected!r}"
        assert len(actual) == len(expected), f"{where}:\n {actual!r}\n instead of\n {expected!r}"
        for index, value in enumerate(expected):
            _check(value, actual[index], cursors, f"{where}[{index}]")
    else:
        assert actual == expected, f"{where}: {actual!r} instead of {expected!r}"


def read_of(cursor: str) -> tuple[str, bytes]:
    """What anybody can read in a cursor: the key of a row, as ids have it, and what the list is sorted by."""
    raw = bytes.fromhex(cursor)[MAC_BYTES:]
    return raw[:16].hex(), raw[16:]


def _sent(value: Any) -> bytes:
    """A sort value in PostgreSQL's bytes; instants and days are recognised by their form."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return struct.pack("!q", (datetime.fromisoformat(value) - _EPOCH) // timedelta(microseconds=1))
    if isinstance(value, str) and _DAY.fullmatch(value):
        return struct.pack("!i", (date.fromisoformat(value) - _EPOCH.date()).days)
    return str(value).encode()


class Introspected:
    """The schema as the service itself tells it."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.schema = build_client_schema(told["data"])

    @classmethod
    async def of(cls, ask: Ask) -> Introspected:
        """As the service told it first; one run of the tests knows one schema."""
        if not _TOLD:
            _TOLD.append(cls(await ask("administrator", get_introspection_query(descriptions=False))))
        return _TOLD[0]

    def objects(self) -> dict[str, GraphQLObjectType]:
        types = self.schema.type_map.items()
        return {name: one for name, one in types if isinstance(one, GraphQLObjectType) and not name.startswith("__")}

    def nodes(self) -> list[str]:
        interface = self.schema.type_map["Node"]
        assert isinstance(interface, GraphQLInterfaceType)
        return sorted(one.name for one in self.schema.get_possible_types(interface))

    def selection(self, kind: str) -> str:
        """Every field of a type, each as far as it says something of this row and not of others."""
        return " ".join(self._field(name, one) for name, one in self.objects()[kind].fields.items())

    def _field(self, name: str, one: Any) -> str:
        kind: GraphQLNamedType = get_named_type(one.type)
        if is_leaf_type(kind):
            return name
        if kind.name.endswith("Connection"):
            return f"{name}(first: 30, archived: INCLUDE) {{ {PAGE} }}"
        if isinstance(kind, GraphQLInterfaceType):
            return f"{name} {{ __typename }}"
        if kind.name in self.nodes():
            return f"{name} {{ __typename id }}"
        return f"{name} {{ {self.selection(kind.name)} }}"


_TOLD: list[Introspected] = []
PAGE = (
    "totalCount totalCountCapped edges { cursor node { id } } nodes { id __typename }"
    " pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
)


def literal(value: Any) -> str:
    """A value as it is written in a document; words in capitals are enum members."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(one) for one in value) + "]"
    return f'"{value}"'


def secrets_of(rows: list[Row]) -> set[str]:
    """The texts in these rows that were planted to be found where they must not be."""
    found: set[str] = set()
    for row in rows:
        found |= {text for text in _texts(row) if "secret" in text.lower()}
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [value] if isinstance(value, str) else []
