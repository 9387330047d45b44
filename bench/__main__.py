"""Runs benchmarks by name and writes what they found to bench/results/."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from pathlib import Path

import orjson

NAMES = (
    "live",
    "promise",
    "imports",
    "differential",
    "reads",
    "growth",
    "commands",
    "events",
    "drivers",
    "timings",
    "portal",
)
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run the benchmark ONLY names, or all; QUICK=1 makes each end within five minutes."""
    only, quick = os.environ.get("ONLY") or "", os.environ.get("QUICK") == "1"
    if only and only not in NAMES:
        print(f"There is no benchmark {only}; there are {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    for name in [only] if only else NAMES:
        found = asyncio.run(importlib.import_module(f"bench.{name}").run(quick))
        path = RESULTS / f"{name}.json"
        path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        print(path.read_text())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
