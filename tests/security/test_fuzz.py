"""Anything at all is sent, whole or broken: every answer is one, none is a failure of ours, memory stays bounded.

The documents are made from the schema, then maimed: parts are left out, doubled, swapped with others, or become noise.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_composite_type

from schema.root import graphql_schema
from tests.server.talking import Station

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "600"))
GROWTH = 96 * 2**20
"""Bytes the process may grow by: caches fill, nothing else."""
VIEWERS = ("administrator", "portal_manager", "partner", "foreign_portal")
_NOISE = (
    "\0", "\ud800", "\N{PILE OF POO}", "'; drop table session; --", "{", "}", "(", ")", '"', '"""', "...", "@skip",
    "$x", "1e999", "-0", "9" * 400, "\\u0000", "null", "[[[", "first: -1", "first: 2147483648", "#", "\ufeff",
    "fragment", "__schema{types{name}}", "on Site", ":", "!", "%s", "{{", "__proto__", "../../etc/passwd",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, 10**400, 1.5, "", "x", "\0", "\ud83d", "org_" + "0" * 32, "9999-12-31",
    [], [[]], {}, {"a": 1}, ["x"] * 200, "NaN", "%", "_", "\\", "'",
)  # fmt: skip
_ALLOWED = {200, 400, 401, 413, 415, 422, 429}


class Maimed:
    """Makes requests, each from the dice of its number."""

    def __init__(self, number: int) -> None:
        self._dice = random.Random(f"fuzz/{number}")

    def request(self) -> dict[str, Any]:
        """A body: a document, most often broken, with variables that fit or not."""
        document = self._document()
        for _ in range(self._dice.choice((0, 0, 1, 2, 5))):
            document = self._dice.choice(_BLOWS)(self._dice, document)
        values = {name: self._dice.choice(_VALUES) for name in ("id", "n", "f", "o") if self._dice.random() < 0.7}
        body: dict[str, Any] = {"query": document, "variables": values}
        if self._dice.random() < 0.1:
            body[self._dice.choice(("query", "variables", "operationName", "extensions", "x"))] = self._dice.choice(
                _VALUES
            )
        return body

    def _document(self) -> str:
        schema = graphql_schema()
        kind = schema.query_type if self._dice.random() < 0.7 else schema.mutation_type
        assert kind is not None
        head = "query" if kind is schema.query_type else "mutation"
        declared = self._dice.choice(("", "($id: ID!)", "($id: ID!, $n: Int!)", "($f: SiteFilter, $o: SiteOrder!)"))
        return f"{head} Q{declared} {{ {' '.join(self._field(kind, 4) for _ in range(self._dice.randint(1, 3)))} }}"

    def _field(self, kind: GraphQLObjectType, left: int) -> str:
        name, field = self._dice.choice(list(kind.fields.items()))
        given = [f"{one}: {self._literal()}" for one in field.args if self._dice.random() < 0.5]
        below: Any = get_named_type(field.type)
        arguments = f"({', '.join(given)})" if given else ""
        if not is_composite_type(below):
            return f"{name}{arguments}"
        chosen = "__typename"
        if isinstance(below, GraphQLObjectType) and left:
            chosen = " ".join(self._field(below, left - 1) for _ in range(self._dice.randint(1, 3)))
        return f"{name}{arguments} {{ {chosen} }}"

    def _literal(self) -> str:
        return self._dice.choice(
            ("$id", "$n", "5", "100", "-1", "null", '"x"', '"org_00000000000000000000000000000000"', "{}", "[]", "NAME",
             '{search: "%"}', "{id: $id}", '{idempotencyKey: "k"}', "1e30", "true")
        )  # fmt: skip


def _cut(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + text[at + dice.randint(1, 12) :]


def _double(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text) + 1)
    part = text[at : at + dice.randint(1, 60)]
    return text[:at] + part * dice.choice((2, 3, 40)) + text[at:]


def _swap(dice: random.Random, text: str) -> str:
    words = text.split(" ")
    one, other = dice.randrange(len(words)), dice.randrange(len(words))
    words[one], words[other] = words[other], words[one]
    return " ".join(words)


def _spoil(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(_NOISE) + text[at:]


_BLOWS: tuple[Callable[[random.Random, str], str], ...] = (_cut, _double, _swap, _spoil)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.usefixtures("untroubled")
def test_nothing_that_is_sent_breaks_the_service(own_station: Station) -> None:
    before, statuses = _resident(), dict[int, int]()
    for number in range(REQUESTS):
        body, viewer = Maimed(number).request(), VIEWERS[number % len(VIEWERS)]
        response = own_station.http.post("/graphql", content=_json(body), headers=_HEADERS | own_station.bearer(viewer))
        statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
        said = response.json()
        codes = {one["extensions"]["code"] for one in said.get("errors", ())}
        assert response.status_code in _ALLOWED, (number, response.text[:500])
        assert not codes & {"INTERNAL", "SERVICE_UNAVAILABLE", "TIMEOUT"}, (number, body, said)
    # Some of it is understood: what is refused at the door alone says little of what is behind.
    assert statuses[200] > REQUESTS / 20
    assert _resident() - before < GROWTH
    assert own_station.ask("administrator", "{ viewer { name } }")


_HEADERS = {"content-type": "application/json", "accept": "application/json"}


def _json(body: Any) -> bytes:
    """As JSON, with whatever no encoder of ours would write."""
    return json.dumps(body).encode()
