"""The world of the matrix: two tenants with the same names in them."""

from tests.world.serving import new_world, own_world, seeded, world

__all__ = ["new_world", "own_world", "seeded", "world"]
