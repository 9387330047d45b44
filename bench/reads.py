"""What reads cost: Portico, hand-written SQL (the limit), PostGraphile and dataloaders, on one database in one run.

Processor time a request is what counts; requests per second and times depend on what else the machine does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import orjson

from bench.peers.agreement import agree
from bench.peers.contestants import ALL, Contestant, contestants
from bench.peers.data import Size, seed
from bench.peers.measure import Cost, Range, measuring
from bench.peers.plans import scans
from bench.peers.queries import Asked, mixed, restricted, shuffled, unrestricted
from bench.stage import database

SUMMARY = Path(__file__).parent / "results" / "reads_summary.json"
Costs = dict[tuple[str, str, int], Cost]
MIDDLE = 16


@dataclass(frozen=True)
class Pace:
    """How long and how often is measured; seconds are per point and round.

    Many short turns: a machine that is slow for some seconds is then slow for everybody.
    """

    warming: float
    seconds: float
    rounds: int
    concurrencies: tuple[int, ...]
    samples: int
    requests: int


FULL = Pace(3.0, 2.0, 6, (1, MIDDLE, 64), 24, 600)
QUICK = Pace(0.75, 0.75, 2, (1, MIDDLE), 12, 120)


async def run(quick: bool) -> list[dict[str, Any]]:
    """The rows; the ratios that are the goals go to a file beside them."""
    size, pace = (Size(tenants=2, organizations=200), QUICK) if quick else (Size(), FULL)
    rows, summary = await compared(size, pace)
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2))
    return rows


async def compared(size: Size, pace: Pace) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """All contestants on data of one size: a row for each point, and the summary."""
    with database() as url:
        began = time.perf_counter()
        people = await asyncio.to_thread(seed, url, size)
        seeded = time.perf_counter() - began
        asked = {name: shuffled(requests, pace.requests) for name, requests in mixed(people, size).items()}
        async with contestants(url, people, *ALL) as crowd, measuring(url, pace.warming) as range_:
            checked = await agree(crowd, asked, pace.samples)
            costs = await _all(range_, crowd, asked, pace)
            portico = next(one for one in crowd if one.name == "portico")
            narrow, wide = restricted(people, size), unrestricted(people, size)
            authorization = await _authorization(range_, portico, narrow, wide, pace)
        summary = {
            "seed_seconds": round(seeded, 1),
            "answers_compared": checked,
            **_ratios(costs),
            "authorization": authorization,
            "plans": await scans(url, asked),
        }
        return [_row(*key, cost) for key, cost in sorted(costs.items())], summary


async def _all(range_: Range, crowd: list[Contestant], asked: Mapping[str, list[Asked]], pace: Pace) -> Costs:
    """Contestants take turns at every point, in the opposite order in every second round."""
    costs: Costs = {}
    for number in range(pace.rounds):
        order = crowd[:: -1 if number % 2 else 1]
        for name, requests in asked.items():
            for concurrency in pace.concurrencies:
                for one in order:
                    cost = await range_.cost(one, requests, concurrency, pace.seconds)
                    costs.setdefault((name, one.name, concurrency), Cost()).add(cost)
    return costs


async def _authorization(
    range_: Range,
    portico: Contestant,
    narrow: Mapping[str, list[Asked]],
    wide: Mapping[str, list[Asked]],
    pace: Pace,
) -> dict[str, float]:
    """The same pages for viewers with narrow rights, over what they cost for those who may see everything."""
    found: dict[str, float] = {}
    for name in narrow:
        costs = (Cost(), Cost())
        for number in range(2 * pace.rounds):
            for index in (number % 2, 1 - number % 2):
                requests = shuffled((narrow, wide)[index][name], pace.requests)
                costs[index].add(await range_.cost(portico, requests, MIDDLE, pace.seconds / 2))
        found[name] = round(costs[0].cpu / costs[1].cpu, 3)
    return found


def _ratios(costs: Costs) -> dict[str, Any]:
    """What the goals speak of. Processor time is averaged over the concurrencies."""
    names = sorted({name for name, _, _ in costs})

    def cpu(name: str, contestant: str) -> float:
        return fmean(cost.cpu for (query, one, _), cost in costs.items() if (query, one) == (name, contestant))

    def over(contestant: str, other: str) -> dict[str, float]:
        return {name: round(cpu(name, contestant) / cpu(name, other), 3) for name in names}

    def rate(name: str, contestant: str) -> float:
        return costs[name, contestant, MIDDLE].rate

    return {
        "cpu_portico_over_limit": over("portico", "limit"),
        "cpu_portico_over_postgraphile": over("portico", "postgraphile"),
        "cpu_portico_over_node_dataloader": over("portico", "node_dataloader"),
        "requests_per_s_portico_over_postgraphile_at_16": {
            name: round(rate(name, "portico") / rate(name, "postgraphile"), 2) for name in names
        },
    }


def _row(query: str, contestant: str, concurrency: int, cost: Cost) -> dict[str, Any]:
    return {"query": query, "contestant": contestant, "concurrency": concurrency, **cost.row()}
