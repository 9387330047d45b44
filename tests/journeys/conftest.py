"""Journeys go through the public API of a served app, over a world of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.journeys.northwind import frozen, northwind
from tests.server.talking import Station, own_station, stationed, two_stations, untroubled
from tests.world.serving import own_world, seeded

__all__ = ["own_station", "own_world", "seeded", "two_stations", "untroubled"]


@pytest.fixture(params=["field by field", "compiled"])
def fixture_r(
    request: pytest.FixtureRequest, server_url: URL, template_url: URL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Station, Station]]:
    """Northwind Retail on two servers whose clock stands still, with queries executed in either way."""
    settings = {"compiled": request.param == "compiled"}
    home = tmp_path_factory.mktemp("home")
    with (
        northwind(server_url, template_url) as place,
        stationed(place, home, frozen, **settings) as one,
        stationed(place, home, frozen, **settings) as other,
    ):
        yield one, other
