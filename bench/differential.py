"""Random documents through both executors: how many had one answer, and how many of them showed anything."""

from __future__ import annotations

import os
import secrets
from typing import Any

from bench.stage import database
from tests.compiler.arena import SEED, arena
from tests.compiler.differential import Part, Tally, parts

ROUND = 5_000


async def run(quick: bool) -> dict[str, Any]:
    """50,000 documents nobody has seen before, or 3,000; the seed is told, so that a difference can be seen again."""
    seed, count = secrets.randbelow(1_000_000), 3_000 if quick else 50_000
    processes = os.cpu_count() or 1
    with database() as url:
        async with arena(url, SEED):
            rounds = (range(start, min(start + ROUND, count)) for start in range(0, count, ROUND))
            tally = sum((parts(Part(url, SEED, seed, numbers), processes) for numbers in rounds), Tally())
    return {
        "documents": tally.documents,
        "reached_rows": tally.reached_rows,
        "with_errors": tally.with_errors,
        "differences": len(tally.differences),
        "compiled": tally.compiled,
        "fell_back": tally.documents - tally.compiled - tally.refused,
        "seed": seed,
        "first_differences": tally.differences[:5],
        "fallen": dict(tally.fallen.most_common()),
    }
