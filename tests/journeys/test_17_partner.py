"""Journey 17: what a partner's program gets, how little it takes to give it, and how much of it there is in a time."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import event

from auth.actor import system_actor
from models import User, UserStatus
from server import directory, office
from server.demo.files import write_csv
from tests.partners.program import ADMINISTRATOR, Program, enrolled
from tests.server.talking import Station, stationed
from tests.world.serving import Place

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TREE = """query($organizations: Int!) { organizations(first: $organizations) { nodes { shortName
  sites(first: 6) { nodes { name address { city } jobs(first: 10) { nodes { reference title } } } } } } }"""
NODES = 50 + 50 * 6 + 50 * 6 * 10


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A served app over a tenant with 50 organizations of 6 sites with 10 jobs each."""

    station: Station
    clock: Clock
    statements: list[str] = field(default_factory=list)

    @contextmanager
    def counting(self) -> Generator[list[str]]:
        """The SQL statements that are run meanwhile, those that only name the tenant among them."""
        process, reads = self.station.process, self.station.process.reads
        said: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            said.append(statement)

        class Reads:
            async def value(self, sql: str, arguments: Any, **how: bool) -> bytes | None:
                said.append(sql)
                return await reads.value(sql, arguments, **how)

        compiled = process.operations.compiled
        event.listen(process.engine.sync_engine, "before_cursor_execute", note)
        if compiled is not None:
            compiled.connection = Reads()
        try:
            yield said
        finally:
            event.remove(process.engine.sync_engine, "before_cursor_execute", note)


@pytest.fixture(params=[False, True], ids=["field by field", "compiled"])
def desk(request: pytest.FixtureRequest, own_world: Place, tmp_path_factory: pytest.TempPathFactory) -> Generator[Desk]:
    clock = Clock()
    anyio.run(_filled, own_world, tmp_path_factory.mktemp("files"))
    with stationed(own_world, tmp_path_factory.mktemp("home"), clock, compiled=request.param) as station:
        yield Desk(station, clock)


async def _filled(place: Place, folder: Path) -> None:
    """The partner's company: a tenant made by the console, and its records by import."""
    organizations: list[dict[str, Any]] = [
        {"external_id": f"ORG-{n:03}", "legal_name": f"Client {n:03} Ltd", "short_name": f"Client {n:03}",
         "status": "ACTIVE", "kind": "COMPANY", "location": "LOCAL"} for n in range(50)
    ]  # fmt: skip
    sites: list[dict[str, Any]] = [
        {"external_id": f"{one['external_id']}-{n}", "organization": one["external_id"], "name": f"Site {n}",
         "status": "ACTIVE", "time_zone": "Europe/London", "address_city": f"City {n}", "address_country": "GB"}
        for one in organizations for n in range(6)
    ]  # fmt: skip
    jobs: list[dict[str, Any]] = [
        {"external_id": f"{one['external_id']}-{n}", "reference": f"WO-{one['external_id']}-{n}",
         "site": one["external_id"], "title": f"Round {n}", "status": "SCHEDULED",
         "scheduled_at": f"2026-06-{1 + n:02}T09:00", "duration_minutes": 60}
        for one in sites for n in range(10)
    ]  # fmt: skip
    async with office.opened(place.url) as opened:
        tenant = await directory.add_tenant(
            opened, "aldgate", name="Aldgate", time_zone="Europe/London", currency="GBP"
        )
        given = {"name": "Ruth", "email": "ruth@aldgate.example"}
        ruth = await directory.create_staff(opened, "aldgate", given, ["administrator"])
        place.world.users[ADMINISTRATOR] = f"usr_{ruth.id.hex}"
        place.world.tenants["acme"] = f"ten_{tenant.id.hex}"
        for name, rows in (("organizations", organizations), ("sites", sites), ("jobs", jobs)):
            write_csv(folder / f"{name}.csv", rows)
            await opened.import_file(system_actor(tenant.id), folder / f"{name}.csv", on=NOON)
        async with opened.acting(tenant.id) as (session, _):
            (await session.get_one(User, (tenant.id, ruth.id))).status = UserStatus.ACTIVE
        place.world.tokens[ADMINISTRATOR] = await directory.open_token(
            opened, "ruth@aldgate.example", "aldgate", label="tests", now=datetime.now(UTC), days=1
        )


def _cost(answer: Any) -> Any:
    return answer["extensions"]["cost"]


def _tree(program: Program, organizations: int) -> Any:
    return program.answer(TREE, organizations=organizations)


def test_17_as_many_statements_for_fifty_organizations_as_for_one(desk: Desk) -> None:
    program = enrolled(desk.station, "organizations:read", "sites:read", "jobs:read")
    counted: dict[int, int] = {}
    for organizations in (1, 50):
        found: list[int] = []
        for _ in range(4):
            with desk.counting() as said:
                answer = _tree(program, organizations)
            assert "errors" not in answer
            assert _cost(answer)["actual"] == organizations + organizations * 6 + organizations * 60
            found.append(len(said))
            desk.clock.now += timedelta(seconds=20)
        # The process asks the log once a second beside, and the first call may be the first of a connection.
        counted[organizations] = min(found)
    assert counted[1] == counted[50] <= 12


def test_17_the_third_call_at_a_frozen_clock_is_refused(desk: Desk) -> None:
    program = enrolled(desk.station, "organizations:read", "sites:read", "jobs:read")
    first, second = _tree(program, 50), _tree(program, 50)
    rows = [job for one in first["data"]["organizations"]["nodes"] for site in one["sites"]["nodes"]
            for job in site["jobs"]["nodes"]]  # fmt: skip
    assert len(rows) == 3_000
    assert NODES == 3_350
    known = {"requested": 3_350, "actual": 3_350, "max": 10_000, "restoreRate": 500}
    assert _cost(first) == {**known, "available": 6_650}
    assert _cost(second) == {**known, "available": 3_300}
    third = program.send(TREE, organizations=50)
    assert third.headers["retry-after"] == "1"
    (error,) = third.json()["errors"]
    assert "data" not in third.json()
    assert error["message"] == "This takes 3350 points and 3300 are left. Try again in 0.1 s."
    assert {key: error["extensions"][key] for key in ("code", "requested", "available", "retryAfter")} == {
        "code": "THROTTLED",
        "requested": 3_350,
        "available": 3_300,
        "retryAfter": 0.1,
    }
    assert _cost(third.json()) == {**known, "actual": 0, "available": 3_300}
    # Clients that know the current media type are told by the status as well.
    headers = {**program.bearer, "accept": "application/graphql-response+json"}
    body = {"query": TREE, "variables": {"organizations": 50}}
    assert desk.station.http.post("/graphql", json=body, headers=headers).status_code == 429
    # A refusal costs nothing, and what is small enough goes on.
    small = program.answer("{ organizations(first: 1) { nodes { shortName } } }")
    assert _cost(small) == {"requested": 1, "actual": 1, "max": 10_000, "available": 3_299, "restoreRate": 500}
    desk.clock.now += timedelta(seconds=0.102)
    assert _cost(_tree(program, 50)) == {**known, "available": 0}
    desk.clock.now += timedelta(hours=1)
    assert _cost(_tree(program, 50))["available"] == 6_650


def test_17_the_points_are_the_applications_and_shared_by_its_tokens(desk: Desk) -> None:
    program = enrolled(desk.station, "organizations:read", "sites:read", "jobs:read")
    other = enrolled(desk.station, "organizations:read", "sites:read", "jobs:read", name="Another", bucket=5_000)
    _tree(program, 50)
    program.sign_in(scope="organizations:read")
    assert _cost(program.answer("{ organizations(first: 50) { nodes { id } } }"))["available"] == 6_600
    assert _cost(_tree(other, 50)) == {
        "requested": 3_350, "actual": 3_350, "max": 5_000, "available": 1_650, "restoreRate": 500,
    }  # fmt: skip
    staff = desk.station.answer(ADMINISTRATOR, TREE, organizations=50)
    assert "extensions" not in staff


def test_17_an_application_limited_to_name_and_city_gets_only_those(desk: Desk) -> None:
    program = enrolled(desk.station, "sites:read", fields=["Site.name", "Address.city"])
    answer = program.answer("{ sites(first: 100) { nodes { name address { city } } } }")
    assert len(answer["data"]["sites"]["nodes"]) == 100
    assert {tuple(one) for one in answer["data"]["sites"]["nodes"]} == {("name", "address")}
    refused = _tree(program, 1)
    assert "data" not in refused
    assert {one["extensions"]["code"] for one in refused["errors"]} == {"FIELD_FORBIDDEN"}
    assert {one["extensions"]["field"] for one in refused["errors"]} == {
        "Query.organizations", "Organization.shortName", "Organization.sites", "Site.jobs", "Job.reference",
        "Job.title",
    }  # fmt: skip
