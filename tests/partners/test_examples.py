"""The programs on the page for partners, run as a partner would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.partners.program import ADMINISTRATOR, Program, enrolled
from tests.server.talking import Station
from tools.build_portal import node_and_npm

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PAGE = Path(__file__).parents[2] / "docs" / "partners.md"
SITES = "{ sites(first: 100) { nodes { name address { city } } } }"


def ran(program: Program, *command: str | Path, **also: str) -> str:
    """What a program prints; it knows nothing but where to go and who it is."""
    given = {
        "PATH": os.environ["PATH"],
        "PORTICO_URL": program.station.origin,
        "PORTICO_CLIENT_ID": program.client_id,
        "PORTICO_CLIENT_SECRET": program.secret,
        **also,
    }
    done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def thirsty(station: Station) -> Program:
    """A program that has just spent all its points, and gets two a tenth of a second."""
    program = enrolled(station, "sites:read", bucket=100, restoreRate=20)
    assert program.answer(SITES)["extensions"]["cost"]["available"] == 0
    return program


def expected(station: Station) -> list[str]:
    nodes = station.ask(ADMINISTRATOR, SITES)["sites"]["nodes"]
    return [f"{one['name']}, {one['address']['city']}" for one in nodes]


def test_curl(own_station: Station) -> None:
    program = enrolled(own_station, "sites:read")
    printed = ran(program, "sh", EXAMPLES / "partner.sh")
    assert printed.startswith('{"data":{"sites":{"nodes":[{"name":')
    assert '"cost":{"requested":3,"actual":3' in printed


def test_python_waits_for_points_and_gets_everything(own_station: Station) -> None:
    printed = ran(thirsty(own_station), sys.executable, EXAMPLES / "partner.py")
    assert printed.splitlines() == expected(own_station)


def test_python_hears_of_changes(own_station: Station) -> None:
    tenant = own_station.place.world.tenants["acme"]
    program = enrolled(own_station, "sites:read")
    printed = ran(program, sys.executable, EXAMPLES / "partner.py", PORTICO_UNDER=tenant)
    assert printed.splitlines()[-1] == "{'reason': 'STARTED'}"


def test_typescript_waits_for_points_and_gets_everything(own_station: Station) -> None:
    node, _ = node_and_npm()
    printed = ran(thirsty(own_station), node, EXAMPLES / "partner.ts")
    assert printed.splitlines() == expected(own_station)


def test_the_page_shows_the_files_that_are_run() -> None:
    page = PAGE.read_text()
    for name in ("partner.sh", "partner.py", "partner.ts"):
        assert f"examples/{name}" in page
