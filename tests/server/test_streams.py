"""Server-sent events: one operation over one response, under the same fence as a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from tests.server.talking import Station, until

pytestmark = pytest.mark.usefixtures("untroubled")
ACCESS = "subscription { access { epoch permissions } }"
VIEWER = "{ viewer { name } }"
NAME = {"data": {"viewer": {"name": "Administrator"}}}


class Events:
    """What comes over one stream."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def hear(self) -> tuple[str, Any]:
        """The next event and its data; ``end`` when the response is over."""
        kind = ""
        async with asyncio.timeout(20):
            async for line in self._lines:
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data:") and kind:
                    data = line.removeprefix("data:").strip()
                    return kind, json.loads(data) if data else None
        return "end", None


@asynccontextmanager
async def streamed(
    station: Station, viewer: str, query: str, /, method: str = "POST", **variables: Any
) -> AsyncGenerator[Events]:
    headers = {"accept": "text/event-stream", **station.bearer(viewer)}
    async with httpx2.AsyncClient(base_url=station.origin, timeout=20) as client:
        body = {"query": query, "variables": variables} if method == "POST" else None
        async with client.stream(method, "/graphql", headers=headers, json=body) as response:
            yield Events(response)


async def test_a_query_is_one_event_and_the_end(station: Station) -> None:
    async with streamed(station, "administrator", VIEWER) as events:
        assert events.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert events.response.headers["cache-control"] == "no-store"
        assert [await events.hear() for _ in range(3)] == [("next", NAME), ("complete", None), ("end", None)]


async def test_what_is_no_document_is_told_in_the_stream(station: Station) -> None:
    async with streamed(station, "administrator", "{ nothing }") as events:
        kind, answer = await events.hear()
        assert (kind, answer["errors"][0]["extensions"]["code"]) == ("next", "GRAPHQL_VALIDATION_FAILED")
        assert await events.hear() == ("complete", None)


async def test_a_change_of_rights_is_pushed_and_the_end_of_them_ends_the_stream(own_station: Station) -> None:
    user = own_station.place.world.users["portal_manager"]
    async with streamed(own_station, "portal_manager", ACCESS) as events:
        _, first = await events.hear()
        grant = own_station.place.mirror.one("Grant", user=user, name="portal_manager", archivedAt=None)["id"]
        await asyncio.to_thread(own_station.command, "administrator", "revokeAccess", "", id=grant)
        kind, second = await events.hear()
        assert kind == "next"
        assert second["data"]["access"]["epoch"] == first["data"]["access"]["epoch"] + 1
        assert second["data"]["access"]["permissions"] == []
        await asyncio.to_thread(own_station.command, "administrator", "suspendUser", "", id=user)
        assert await events.hear() == ("end", None)
    async with streamed(own_station, "portal_manager", ACCESS) as events:
        assert events.response.status_code == 401


async def test_a_client_that_leaves_is_forgotten(own_station: Station) -> None:
    async with streamed(own_station, "administrator", ACCESS) as events:
        await events.hear()
        assert len(own_station.process.deck.open) == 1
    await until(lambda: not own_station.process.deck.open)
    assert not own_station.process.hub.sockets


@pytest.mark.parametrize(("method", "status"), [("GET", 405), ("PUT", 405)])
async def test_streams_are_begun_by_post(station: Station, method: str, status: int) -> None:
    async with streamed(station, "administrator", VIEWER, method) as events:
        assert events.response.status_code == status


async def test_nobody_has_no_stream(station: Station) -> None:
    answer = station.http.post("/graphql", json={"query": ACCESS}, headers={"accept": "text/event-stream"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_streams_count_as_sockets(own_station: Station) -> None:
    with own_station.limited(sockets_of_user=1):
        async with streamed(own_station, "administrator", ACCESS) as events:
            await events.hear()
            async with streamed(own_station, "administrator", ACCESS) as more:
                assert more.response.status_code == 429
    await until(lambda: not own_station.process.deck.open)
    with own_station.limited(sockets=0):
        async with streamed(own_station, "administrator", ACCESS) as none:
            assert none.response.status_code == 503
