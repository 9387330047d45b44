"""Ordinary execution is the reference: the same answer, whoever asks and whatever is asked."""

import os

import pytest
from sqlalchemy import URL

from tests.compiler.arena import SEED, Arena, arena
from tests.compiler.coverage import asked, whole
from tests.compiler.differential import Part, Tally, parts
from tests.compiler.generator import Generator
from tests.scale import scaled
from tests.world.serving import database, written

WHOLE = (3_000, 1_000)
"""How many documents there are for the narrowed rules, and for the rules in full."""
DOCUMENTS, FULLY = (scaled(one) for one in WHOLE)
PROCESSES = max(1, min(4, os.cpu_count() or 1))


async def compared(
    server: URL, template: URL, seed: int, count: int, *, rules: str = "narrowed", asked_by: str = "everybody"
) -> Tally:
    with database(server, template) as url:
        async with arena(written(url), SEED):
            return parts(Part(written(url), SEED, seed, range(count), rules, asked_by), PROCESSES)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(1800)
async def test_random_documents_have_one_answer(server_url: URL, template_url: URL) -> None:
    tally = await compared(server_url, template_url, 1, DOCUMENTS)
    assert not tally.differences, "\n".join(tally.differences[:3])
    assert tally.documents == DOCUMENTS
    assert tally.refused <= 0.005 * DOCUMENTS
    assert tally.reached_rows >= 0.55 * DOCUMENTS
    assert tally.compiled >= 0.9 * DOCUMENTS
    assert tally.with_errors >= 0.05 * DOCUMENTS
    assert len([name for name, reached in tally.viewers.items() if reached >= DOCUMENTS / 60]) >= 8
    assert {"FIELD_FORBIDDEN", "CURSOR_INVALID", "PAGE_SIZE_INVALID", "PAGE_SIZE_REQUIRED"} <= tally.codes.keys()


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(1800)
async def test_nothing_is_left_out_that_does_not_follow(server_url: URL, template_url: URL) -> None:
    """The rules in full, with the grants read in the statement, show what the narrowed rules show.

    Both are held against ordinary execution on the same documents, so against each other. Tokens that were narrowed to
    some scopes of a partner's application ask nothing here: the rules in full count every live grant of whoever asks.
    """
    narrowed = await compared(server_url, template_url, 2, FULLY, asked_by="the unscoped")
    fully = await compared(server_url, template_url, 2, FULLY, rules="full", asked_by="the unscoped")
    for tally in (narrowed, fully):
        assert not tally.differences, "\n".join(tally.differences[:3])
        assert tally.compiled >= 0.9 * FULLY


async def test_every_part_of_the_schema_is_asked_for(executors: Arena) -> None:
    """Every field, argument, member of an input and order, by some of the documents that are compared."""
    unscoped = [one for one in executors.viewers if one.scopes is None]
    generators = (Generator(seed, executors.companies, who) for seed, who in ((1, executors.viewers), (2, unscoped)))
    found: set[str] = set()
    for generator, count in zip(generators, WHOLE, strict=True):
        found.update(*(asked(generator.case(number)) for number in range(count)))
    assert whole() - found == set()


async def test_the_same_seed_makes_the_same_documents(executors: Arena) -> None:
    def cases() -> list[str]:
        generator = Generator(3, executors.companies, executors.viewers)
        return [str(generator.case(number)) for number in range(50)]

    assert cases() == cases()
