"""What becomes of Portico's reads with more jobs, more clients, one large tenant, a long list of sites."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from bench.peers.contestants import Contestant, contestants
from bench.peers.data import People, Size, seed
from bench.peers.measure import Cost, Range, measuring
from bench.peers.plans import scans
from bench.peers.queries import Asked, about_job, about_organization, mixed, shuffled
from bench.stage import database

QUERIES = ("A", "C", "D")
CONCURRENCY = 16
ROUNDS = 8
SECONDS, SECONDS_QUICK = 1.0, 0.2


@dataclass(frozen=True)
class Stage:
    """A server on data of one size, and what it is asked, by the names of the queries."""

    url: str
    range_: Range
    portico: Contestant
    asked: dict[str, list[Asked]]


async def run(quick: bool) -> dict[str, Any]:
    """Milliseconds of processor time a request by query and data, and each over the same query on the small data.

    The two take turns. The small data beside itself tell how much of a ratio is the machine's.
    """
    size, seconds = (Size(tenants=2, organizations=100), SECONDS_QUICK) if quick else (Size(), SECONDS)
    larger = {
        "jobs_times_10": replace(size, jobs=size.jobs * 10),
        "organizations_times_10": replace(size, organizations=size.organizations * 10),
        "skewed": replace(size, skewed=True),
    }
    async with _stage(size, seconds) as small:
        found = {"small": await _beside(small, small, seconds)}
        for name, one in larger.items():
            async with _stage(one, seconds) as stage:
                found[name] = await _beside(small, stage, seconds)
    return found


@asynccontextmanager
async def _stage(size: Size, seconds: float) -> AsyncGenerator[Stage]:
    with database() as url:
        people = await asyncio.to_thread(seed, url, size)
        async with contestants(url, people, "portico") as (portico,), measuring(url, 2 * seconds) as range_:
            yield Stage(url, range_, portico, _asked(people, size))


async def _beside(small: Stage, stage: Stage, seconds: float) -> dict[str, Any]:
    costs = {name: (Cost(), Cost()) for name in stage.asked}
    for number in range(ROUNDS):
        for name, (before, cost) in costs.items():
            turns = ((before, small, _plain(name)), (cost, stage, name))
            for total, one, query in turns[:: -1 if number % 2 else 1]:
                total.add(await one.range_.cost(one.portico, shuffled(one.asked[query]), CONCURRENCY, seconds))
    return {
        "cpu_ms": {name: round(cost.cpu, 4) for name, (_, cost) in costs.items()},
        "over_small": {name: round(cost.cpu / before.cpu, 3) for name, (before, cost) in costs.items()},
        "plans": await scans(stage.url, stage.asked),
    }


def _plain(name: str) -> str:
    """The query as it is asked everywhere."""
    return name.removesuffix(" wide").removesuffix(" large tenant")


def _asked(people: People, size: Size) -> dict[str, list[Asked]]:
    """The queries as everywhere, C for viewers with 500 sites, and all of them in the large tenant if there is one."""
    everywhere = mixed(people, size)
    asked = {name: everywhere[name] for name in QUERIES}
    asked["C wide"] = [Asked("C", one) for one in people.wide]
    if size.skewed:
        large = [(one, pair[0]) for one, pair in people.by_organization.items() if size.tenant_of(one) == 0]
        asked["A large tenant"] = [about_organization(*one) for one in large]
        asked["D large tenant"] = [about_job(*one, size) for one in large]
        asked["C large tenant"] = [one for one in asked["C"] if one.viewer.tenant == people.staff[0].tenant]
    return asked
