"""The worlds and served processes of the rooms next door."""

from tests.server.talking import own_station, station, two_stations, untroubled
from tests.world.serving import own_world, seeded, world

__all__ = ["own_station", "own_world", "seeded", "station", "two_stations", "untroubled", "world"]
