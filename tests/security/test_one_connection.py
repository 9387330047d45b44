"""Viewers of all tenants take turns on one connection, in orders nobody chose: each gets what they get alone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Generator
from typing import Any

import httpx2
import pytest

from tests.server.talking import Station, stationed
from tests.world.seed import VIEWERS
from tests.world.serving import Place

REQUESTS = 400
AT_ONCE = 8
DOCUMENTS = (
    "{ viewer { id epoch permissions organizations(first: 50) { totalCount nodes { id shortName } } } }",
    "{ reports(first: 50) { totalCount nodes { id title } } jobs(first: 50) { nodes { id cost { amount } } } }",
    "{ contracts(first: 50) { nodes { id baseRate { amount } site { id name } } } users(first: 50) { nodes { id } } }",
    '{ viewer { id } checkPermission(slug: "reports.edit") { granted } }',
    "{ viewer { id user { id name email } tenant { name } } }",
    "{ no such thing",
)


@pytest.fixture(params=[True, False], ids=["compiled", "field by field"])
def narrow(
    request: pytest.FixtureRequest, world: Place, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Station]:
    """A process with a pool of one."""
    home, pool = tmp_path_factory.mktemp("home"), {"pool_size": 1, "pool_overflow": 0}
    with stationed(world, home, compiled=request.param, **pool) as made:
        yield made


def request_of(station: Station, viewer: str, document: str) -> dict[str, Any]:
    headers = station.bearer(viewer) if viewer else {}
    return {"url": "/graphql", "json": {"query": document}, "headers": headers | {"x-request-id": "the-same"}}


async def test_each_gets_what_they_get_alone(narrow: Station) -> None:
    dice = random.Random(2026)
    asked = [(viewer, document) for viewer in (*VIEWERS, "") for document in DOCUMENTS]
    alone = {one: narrow.http.post(**request_of(narrow, *one)).content for one in asked}
    assert len({alone[viewer, DOCUMENTS[0]] for viewer in VIEWERS}) == len(VIEWERS)
    order = [dice.choice(asked) for _ in range(REQUESTS)]
    async with httpx2.AsyncClient(base_url=narrow.origin, timeout=60) as http:
        places = asyncio.Semaphore(AT_ONCE)

        async def again(one: tuple[str, str]) -> bool:
            async with places:
                return (await http.post(**request_of(narrow, *one))).content == alone[one]

        same = await asyncio.gather(*(again(one) for one in order))
    assert [one for one, holds in zip(order, same, strict=True) if not holds] == []
