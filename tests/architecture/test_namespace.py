"""Our packages have ordinary names, so a dependency that ships one of them must be noticed when it enters the lock."""

import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
PACKAGES: list[str] = WHEEL["packages"]


@pytest.mark.parametrize("name", PACKAGES)
def test_no_dependency_ships_our_package(name: str) -> None:
    assert set(packages_distributions().get(name, ())) <= {"portico"}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_a_package(name: str) -> None:
    assert (ROOT / name / "__init__.py").is_file()


def test_every_package_is_shipped() -> None:
    """What stands beside the packages without being one is for the checkout only."""
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders - {"tests", "bench", "tools"} == set(PACKAGES)
