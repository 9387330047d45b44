"""The clients people use, as they come from npm: they ask, are pushed to, and obey when a right is taken away."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.talking import Station
from tests.server.test_audits import clients
from tools.build_portal import node_and_npm

__all__ = ["clients"]
pytestmark = pytest.mark.usefixtures("untroubled")
SCRIPT = Path(__file__).parents[1] / "clients" / "live.mjs"
VIEWER = "portal_manager"


class Client:
    """A client in a process of its own, and what it was told."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.heard: list[tuple[str, Any]] = []

    async def hears(self, what: str, wanted: Callable[[Any], bool]) -> Any:
        """What it is told next that is wanted."""
        assert self.process.stdout is not None
        async with asyncio.timeout(40):
            while line := await self.process.stdout.readline():
                said = json.loads(line)
                self.heard.append((said["what"], said["told"]))
                if said["what"] == what and wanted(said["told"]):
                    return said["told"]
        raise AssertionError(self.heard)


@asynccontextmanager
async def running(name: str, station: Station, site: str, folder: Path) -> AsyncGenerator[Client]:
    node, _ = node_and_npm()
    url = f"{station.origin}/graphql"
    command = [str(node), str(SCRIPT), name, url, station.token(VIEWER), site, str(folder)]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield Client(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 20)


@pytest.mark.parametrize("name", ["graphql-ws", "graphql-sse", "urql", "apollo"])
async def test_a_client_is_served(own_station: Station, clients: Path, name: str) -> None:
    user = own_station.place.world.users[VIEWER]
    grant = own_station.place.mirror.one("Grant", user=user, name=VIEWER, archivedAt=None)
    sites = own_station.place.mirror.rows["Site"].values()
    site = next(one["id"] for one in sites if one["organization"] == grant["organization"])
    async with running(name, own_station, site, clients) as client:
        await client.hears("access", lambda told: "VIEW_JOBS" in told["access"]["permissions"])
        if not any(what == "query" for what, _ in client.heard):
            await client.hears("query", lambda told: told["node"]["id"] == site)
        await asyncio.to_thread(own_station.command, "administrator", "updateSite", "", id=site, name="Renamed")
        heard = "query" if name in {"urql", "apollo"} else "change"
        await client.hears(heard, lambda told: "Renamed" in json.dumps(told))
        await asyncio.to_thread(own_station.command, "administrator", "revokeAccess", "", id=grant["id"])
        await client.hears("access", lambda told: told["access"]["permissions"] == [])
