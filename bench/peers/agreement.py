"""Whether all contestants say the same: what is compared for speed must be the same work."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import httpx2

from bench.peers.contestants import Contestant
from bench.peers.queries import Asked


class Differs(Exception):
    """Two contestants gave different answers to one request."""


async def agree(contestants: list[Contestant], asked: Mapping[str, list[Asked]], samples: int) -> int:
    """Compare the answers to some requests of every query; how many. Raises Differs at the first difference."""
    compared = 0
    async with httpx2.AsyncClient(timeout=60) as client:
        for requests in asked.values():
            for one in requests[:samples]:
                answers = {each.name: await _answer(client, each, one) for each in contestants}
                _compare(one, answers)
                compared += 1
    return compared


async def _answer(client: httpx2.AsyncClient, contestant: Contestant, asked: Asked) -> Any:
    document, variables = contestant.ask(asked)
    from_query = document.split()[1].partition("(")[0]
    answer = await client.post(
        f"http://127.0.0.1:{contestant.node.port}/graphql",
        json={"query": document, "variables": variables, "operationName": from_query},
        headers={"authorization": f"Bearer {asked.viewer.token}", "accept": "application/json"},
    )
    body = answer.json()
    if "errors" in body or not body.get("data"):
        raise Differs(f"{contestant.name} does not answer {asked.query} for {asked.viewer.kind}: {answer.text[:500]}")
    return normal(body["data"])


def _compare(asked: Asked, answers: Mapping[str, Any]) -> None:
    (first, expected), *others = answers.items()
    if all(value is None for value in expected.values()):
        raise Differs(f"{asked.query} for {asked.viewer.kind} reaches no row")
    for name, answer in others:
        if answer != expected:
            where = next(difference(expected, answer, ()))
            raise Differs(f"{name} and {first} differ on {asked.query} for {asked.viewer.kind}: {where}")


def normal(value: Any, key: str = "") -> Any:
    """The content of an answer: ids as bare keys, instants as instants, cursors as whether there is one."""
    if isinstance(value, dict):
        return {name: normal(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [normal(one) for one in value]
    if key == "id":
        return uuid.UUID(value.rpartition("_")[2])
    if key == "endCursor":
        return value is not None
    return datetime.fromisoformat(value) if key == "scheduledAt" else value


def difference(one: Any, other: Any, path: tuple[Any, ...]) -> Iterable[str]:
    """Where and how two answers differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key, value in one.items():
            yield from difference(value, other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, value in enumerate(one):
            yield from difference(value, other[index], (*path, index))
    elif one != other:
        yield f"{'.'.join(map(str, path))}: {str(one)[:200]} and {str(other)[:200]}"
