"""Partners' programs and the served app they talk to, over a world of the test's own."""

from collections.abc import Generator

import pytest

from tests.server.talking import Station, own_station, stationed, two_stations, untroubled
from tests.world.serving import Place, own_world, seeded

__all__ = ["own_station", "own_world", "seeded", "two_stations", "untroubled"]


@pytest.fixture(params=[False, True], ids=["field by field", "compiled"])
def each_station(
    request: pytest.FixtureRequest, own_world: Place, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Station]:
    """A server of either way to answer queries."""
    with stationed(own_world, tmp_path_factory.mktemp("home"), compiled=request.param) as made:
        yield made
