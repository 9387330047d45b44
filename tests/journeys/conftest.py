"""Journeys go through the public API of a served app, over a world of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.journeys import northwind
from tests.journeys.northwind import frozen
from tests.server.talking import Station, own_station, stationed, two_stations, untroubled
from tests.world.serving import Place, Seeded, copied, own_world, seeded, stored

__all__ = ["own_station", "own_world", "seeded", "two_stations", "untroubled"]


@pytest.fixture(scope="session")
def northwind_seeded(server_url: URL, template_url: URL) -> Iterator[Seeded]:
    with stored(server_url, template_url, northwind.build) as made:
        yield made


@pytest.fixture
def northwind_retail(server_url: URL, northwind_seeded: Seeded) -> Iterator[Place]:
    """A database of the test's own with the fixture in it."""
    with copied(server_url, northwind_seeded) as place:
        yield place


@pytest.fixture(params=["field by field", "compiled"])
def fixture_r(
    request: pytest.FixtureRequest, northwind_retail: Place, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Station, Station]]:
    """Northwind Retail on two servers whose clock stands still, with queries executed in either way."""
    settings = {"compiled": request.param == "compiled"}
    home = tmp_path_factory.mktemp("home")
    with (
        stationed(northwind_retail, home, frozen, **settings) as one,
        stationed(northwind_retail, home, frozen, **settings) as other,
    ):
        yield one, other
