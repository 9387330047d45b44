"""Both executors over one random database, for all tests of the compiler that leave it as it is."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL

from tests.compiler.arena import SEED, Arena, arena
from tests.world.serving import database, written


@pytest.fixture(scope="session")
async def executors(server_url: URL, template_url: URL) -> AsyncIterator[Arena]:
    with database(server_url, template_url) as url:
        async with arena(written(url), SEED) as made:
            yield made


@pytest.fixture
async def own_executors(server_url: URL, template_url: URL) -> AsyncIterator[Arena]:
    """For a test that changes rows or rights."""
    with database(server_url, template_url) as url:
        async with arena(written(url), SEED) as made:
            yield made
