"""Server processes for the checks of the promise."""

from collections.abc import Generator

import pytest

from tests.promise.nodes import Nursery, nursery


@pytest.fixture(scope="session")
def nodes_of() -> Generator[Nursery]:
    """Where server processes come from."""
    with nursery() as made:
        yield made
