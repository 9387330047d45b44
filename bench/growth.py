"""What becomes of Portico's reads with more jobs, more clients, one large tenant, a long list of sites."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bench.peers.contestants import contestants
from bench.peers.data import People, Size, seed
from bench.peers.measure import Range, measuring
from bench.peers.plans import scans
from bench.peers.queries import Asked, about_job, about_organization, mixed, shuffled
from bench.stage import database

QUERIES = ("A", "C", "D")
CONCURRENCY = 16


SECONDS, SECONDS_QUICK = 6.0, 1.5


async def run(quick: bool) -> dict[str, Any]:
    """Milliseconds of processor time a request by query and data, and each over that of the small data."""
    size, seconds = (Size(tenants=2, organizations=100), SECONDS_QUICK) if quick else (Size(), SECONDS)
    sizes = {
        "small": size,
        "jobs_times_10": replace(size, jobs=size.jobs * 10),
        "organizations_times_10": replace(size, organizations=size.organizations * 10),
        "skewed": replace(size, skewed=True),
    }
    found = {name: await _measured(one, seconds) for name, one in sizes.items()}
    small = found["small"]["cpu_ms"]
    for one in found.values():
        one["over_small"] = {
            name: round(cpu / small[name.removesuffix(" wide").removesuffix(" large tenant")], 3)
            for name, cpu in one["cpu_ms"].items()
        }
    return found


async def _measured(size: Size, seconds: float) -> dict[str, Any]:
    with database() as url:
        people = await asyncio.to_thread(seed, url, size)
        asked = _asked(people, size)
        async with contestants(url, people, "portico") as (portico,), measuring(url, seconds / 2) as range_:
            costs = {name: await _cpu(range_, portico, requests, seconds) for name, requests in asked.items()}
        return {"cpu_ms": costs, "plans": await scans(url, asked)}


async def _cpu(range_: Range, portico: Any, requests: list[Asked], seconds: float) -> float:
    return round((await range_.cost(portico, shuffled(requests), CONCURRENCY, seconds)).cpu, 4)


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
