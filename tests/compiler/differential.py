"""Random documents through both executors, and what came of it."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from compiler.full import FULL
from compiler.scope import NARROWED
from resolvers.relations import Relation
from schema.queries import ROOT_LISTS
from server.operations import Operations
from tests.compiler.arena import Arena, Case, answered, arena
from tests.compiler.generator import NODES, Generator

TOGETHER = 4


@dataclass
class Tally:
    """What a run has shown."""

    documents: int = 0
    reached_rows: int = 0
    with_errors: int = 0
    refused: int = 0
    differences: list[str] = field(default_factory=list)
    viewers: Counter[str] = field(default_factory=Counter)
    """How many documents reached rows, by who asked."""
    codes: Counter[str] = field(default_factory=Counter)
    compiled: int = 0
    fallen: Counter[str] = field(default_factory=Counter)
    """What was left to ordinary execution, and why."""

    def __add__(self, other: Tally) -> Tally:
        mine, theirs = vars(self), vars(other)
        return Tally(**{name: mine[name] + theirs[name] for name in mine})

    def note(self, case: Case, expected: Any, found: Any) -> None:
        """Count one document."""
        self.documents += 1
        self.refused += "data" not in expected
        reached = reaches_rows(case, expected.get("data"))
        self.reached_rows += reached
        self.viewers[case.viewer.name] += reached
        errors = expected.get("errors", ())
        self.with_errors += bool(errors)
        self.codes.update(one["extensions"]["code"] for one in errors)
        if orjson.dumps(expected) != orjson.dumps(found):
            self.differences.append(
                f"{case}\nordinary: {orjson.dumps(expected)!r}\ncompiled: {orjson.dumps(found)!r}\n"
            )


async def compare(arena: Arena, generator: Generator, numbers: Iterable[int], other: Operations | None = None) -> Tally:
    """Ask the documents of these numbers of ordinary execution and of ``other`` (the compiled one)."""
    tally, waiting = Tally(), list(numbers)
    for start in range(0, len(waiting), TOGETHER):
        cases = [generator.case(number) for number in waiting[start : start + TOGETHER]]
        answers = await asyncio.gather(*(_both(arena, case, other or arena.compiled) for case in cases))
        for case, (expected, found) in zip(cases, answers, strict=True):
            tally.note(case, expected, found)
    return tally


async def _both(arena: Arena, case: Case, other: Operations) -> tuple[Any, Any]:
    return await answered(arena.ordinary, case), await answered(other, case)


def reaches_rows(case: Case, data: Any) -> bool:
    """Whether an answer shows a row, apart from the viewer's own user and tenant."""
    if isinstance(data, list):
        return any(reaches_rows(case, one) for one in data)
    if not isinstance(data, dict):
        return False
    for key, value in data.items():
        on, _, to = case.kinds[key].partition(">")
        if on != "Viewer" and (to in NODES or to in ("Node", "AuditEntry")) and value not in (None, [], [None]):
            return True
        if reaches_rows(case, value):
            return True
    return False


@dataclass(frozen=True)
class Part:
    """What one process does: the documents of some numbers, in a database where the companies are stored."""

    url: str
    company_seed: int
    seed: int
    numbers: range
    rules: str = "narrowed"
    asked_by: str = "everybody"
    """Or by ``the unscoped``: the rules in full count every grant of a viewer, and a partner's token may not."""


def parts(whole: Part, processes: int) -> Tally:
    """The documents of ``whole``, dealt out to processes."""
    dealt = [replace(whole, numbers=whole.numbers[number::processes]) for number in range(processes)]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        return sum(pool.map(_run, dealt), Tally())


def _run(part: Part) -> Tally:
    # Syntax trees and statements are many and live long; looking through them for garbage took a third of the time.
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    return asyncio.run(_answered(part))


async def _answered(part: Part) -> Tally:
    async with arena(part.url, part.company_seed, stored=True) as made:
        unscoped = [one for one in made.viewers if one.scopes is None]
        generator = Generator(part.seed, made.companies, made.viewers if part.asked_by == "everybody" else unscoped)
        other, counting = made.with_rules(FULL if part.rules == "full" else NARROWED)
        await harvest(made, generator)
        tally = await compare(made, generator, part.numbers, other)
        tally.compiled, tally.fallen = counting.compiled, counting.fallen
        return tally


async def harvest(arena: Arena, generator: Generator) -> None:
    """Collect cursors of every viewer and root list, as the compiled read path hands them out."""
    for viewer in arena.viewers:
        for name, source in ROOT_LISTS.items():
            orders = [order for order, one in source.relation.orders.items() if one.requires is None]
            text = " ".join(f"{order}: {name}(first: 20, order: {order}) {{ edges {{ cursor }} }}" for order in orders)
            found = await answered(arena.compiled, Case(f"{{ {text} }}", {}, None, viewer))
            for order in orders:
                _keep(generator, viewer.name, source.relation, order, found["data"][order]["edges"])


def _keep(generator: Generator, viewer: str, relation: Relation, order: str, edges: list[Any]) -> None:
    generator.cursors[viewer, relation.key(), order] = [one["cursor"] for one in edges]
