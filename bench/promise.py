"""The promise in figures: revokes checked, breaches, planted bugs caught, and how soon a change takes effect."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from bench.stage import database
from tests.promise.checker import check
from tests.promise.lanes import REMEMBERED
from tests.promise.ledger import RULES
from tests.promise.nodes import Nursery, nursery
from tests.promise.plan import Findings, Plan
from tests.promise.planted import BUGS, Bug

REVOKES, REVOKES_QUICK = 10_000, 1_500
SECONDS, SECONDS_QUICK = 3_600.0, 80.0
SECONDS_FOR_A_BUG, SECONDS_FOR_A_BUG_QUICK = 60.0, 12.0


async def run(quick: bool) -> dict[str, Any]:
    """Check the sound build, then every planted bug."""
    revokes, within = (REVOKES_QUICK, SECONDS_QUICK) if quick else (REVOKES, SECONDS)
    with database() as url, nursery() as nodes:
        sound = await _sound(nodes, url, Plan(revokes, within=within))
        limit = SECONDS_FOR_A_BUG_QUICK if quick else SECONDS_FOR_A_BUG
        planted = [await _planted(nodes, url, bug, limit) for bug in BUGS.values()]
    return {
        "revokes": sound.revokes,
        "kinds": {kind: {"revokes": sound.by_kind[kind], **ways} for kind, ways in sorted(sound.ways.items())},
        "violations": sound.counts,
        "answers_and_events_judged": sum(sound.judged.values()),
        "sockets": sound.sockets,
        "streams": sound.streams,
        "processes": 2,
        "seconds": round(sound.seconds, 1),
        "latency_ms": {"answer": _spread(sound.answers), "push": _spread(sound.pushes)},
        "planted_caught": sum(one["caught"] for one in planted),
        "planted": planted,
    }


async def _sound(nodes: Nursery, url: str, plan: Plan) -> Findings:
    async with nodes.nodes(url, settings={"PORTICO_COMPILED": "1"}) as two:
        return await check(url, two, plan)


async def _planted(nodes: Nursery, url: str, bug: Bug, within: float) -> dict[str, Any]:
    began = time.monotonic()
    plan = Plan(1_000, kinds=bug.kinds or REMEMBERED, within=within, first_only=True, freezes=bug.freezes)
    how = {"planted": bug.planted, "settings": bug.settings, "lease": bug.lease}
    async with nodes.nodes(url, **how) as two:
        found = await check(url, two, plan)
    rules = {one.rule for one in found.violations}
    return {
        "name": bug.name,
        "what": bug.plant.__doc__,
        "caught": bool(rules & {"P1", "P2", "P3"}),
        "by": [rule for rule in RULES if rule in rules],
        "revokes_needed": found.revokes,
        "seconds": round(time.monotonic() - began, 1),
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    """The middle and the upper ends, in milliseconds."""
    ordered = sorted(seconds) or [0.0]
    return {
        f"p{part}": round(ordered[min(len(ordered) - 1, len(ordered) * part // 100)] * 1e3, 1) for part in (50, 95, 99)
    }
