"""The world and those who ask about it, for every test of the matrix."""

from collections.abc import AsyncIterator

import pytest

from tests.matrix.checking import Checker
from tests.world.serving import Place, asking, new_world, own_world, seeded, world

__all__ = ["checker", "new_world", "own_world", "seeded", "world"]


@pytest.fixture
async def checker(world: Place) -> AsyncIterator[Checker]:
    """Compares the service with the oracle, for tests that change nothing."""
    async with asking(world) as ask:
        yield Checker(ask, world.mirror)
