"""The console's commands about applications, as they are typed, against a service that runs meanwhile."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.partners.program import Program
from tests.server.talking import Station

ROOT = Path(__file__).parents[2]
READ = "{ sites(first: 50) { nodes { name } } }"


def portico(station: Station, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    command = [sys.executable, "-m", "server", "partner", *arguments]
    given |= {"DATABASE_URL": station.place.url, "COLUMNS": "250"}
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=120, check=False)


def program_of(station: Station, printed: str) -> Program:
    """The program that was told this."""
    found = re.fullmatch(r"client id: (\S{43})\nsecret:    (\S{43})\n", printed)
    assert found is not None, printed
    return Program(station, "", "", found[1], found[2])


def test_an_application_from_its_making_to_its_end(own_station: Station) -> None:
    alder = own_station.one("Organization", shortName="Alder")
    wanted = ("--scope", "sites:read", "--at", alder, "--field", "Site.name", "--tenant", "acme")
    made = portico(own_station, "create", "Rota", *wanted)
    assert made.returncode == 0, made.stderr
    program = program_of(own_station, made.stdout)
    program.sign_in()
    sites = {one["name"] for one in program.answer(READ)["data"]["sites"]["nodes"]}
    assert sites == {"North", "South"}
    listed = portico(own_station, "list", "--tenant", "acme").stdout
    (line,) = [one for one in listed.splitlines() if one.startswith(program.client_id)]
    assert line.split() == [program.client_id, "Rota", "active", "live", "sites:read", "Site.name"]
    second = program_of(own_station, portico(own_station, "rotate", program.client_id, "--label", "June").stdout)
    assert second.client_id == program.client_id
    full = portico(own_station, "rotate", program.client_id)
    assert (full.returncode, full.stderr.split(":")[0]) == (1, "SECRETS_FULL")
    assert portico(own_station, "end-secret", program.client_id).returncode == 0
    assert program.send(READ).status_code == 401
    second.sign_in()
    assert "errors" not in second.answer(READ)
    assert portico(own_station, "disable", program.client_id).returncode == 0
    assert second.send(READ).status_code == 401
    assert portico(own_station, "enable", program.client_id).returncode == 0
    second.sign_in()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("create", "X", "--scope", "everything", "--tenant", "acme"), "INVALID"),
        (("create", "X", "--scope", "administrator", "--tenant", "acme"), "NOT_GRANTABLE"),
        (("create", "X", "--scope", "jobs:read", "--field", "Job", "--tenant", "acme"), "UNKNOWN_FIELD"),
        (("create", "X", "--scope", "jobs:read", "--at", "org_1", "--tenant", "acme"), "PLACE_UNKNOWN"),
        (("rotate", "nobody"), "APPLICATION_UNKNOWN"),
        (("end-secret", "nobody"), "APPLICATION_UNKNOWN"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments: tuple[str, ...], code: str, own_station: Station) -> None:
    said = portico(own_station, *arguments)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(f"{code}: ")
    assert len(said.stderr.splitlines()) == 1


def test_a_sandbox_is_a_company_of_its_own(own_station: Station) -> None:
    program = program_of(own_station, portico(own_station, "sandbox", "Rota").stdout)
    program.sign_in()
    asked = """{ viewer { tenant { slug } } organizations(first: 50) { totalCount } jobs(first: 1) { totalCount }
      partnerApplications(first: 5) { nodes { name environment } } }"""
    seen = program.answer(asked)["data"]
    assert seen["viewer"]["tenant"] == {"slug": "sandbox"}
    assert (seen["organizations"]["totalCount"], seen["jobs"]["totalCount"]) == (4, 120)
    assert seen["partnerApplications"]["nodes"] == [{"name": "Rota", "environment": "SANDBOX"}]
    other = program_of(own_station, portico(own_station, "sandbox", "Another").stdout)
    other.sign_in()
    assert other.answer(asked)["data"]["organizations"]["totalCount"] == 4
