"""A predicate stands where scope narrows, and not again where the foreign key already says so."""

import re
import uuid

import pytest
from graphql import parse
from graphql.execution import get_variable_values

from auth.actor import Actor, Granted
from compiler.compile import compile_query
from compiler.shape import Standing, standing_of
from models import Place, UserKind
from schema.root import graphql_schema
from server.limits import Meter

TENANT = uuid.UUID(int=1)
ORGANIZATION, OTHER, SITE = (uuid.UUID(int=number) for number in (2, 3, 4))
PLACES = {
    "": Place(TENANT),
    "O": Place(TENANT, ORGANIZATION),
    "P": Place(TENANT, OTHER),
    "S": Place(TENANT, ORGANIZATION, SITE),
}

ADMINISTRATOR = (("administrator", ""),)
MANAGER = (("portal_manager", "O"),)
SITE_VIEWER = (("portal_manager", "S"),)
BOTH = (("portal_manager", "P"), ("portal_manager", "S"))
MIXED = (("clients.view", "O"), ("contracts", "O"), ("jobs", "S"))


def sql_of(text: str, grants: tuple[tuple[str, str], ...]) -> str:
    granted = tuple(Granted(name, PLACES[at]) for name, at in grants)
    standing: Standing = standing_of(Actor(TENANT, uuid.UUID(int=5), UserKind.STAFF, "A", "a@example.test", 1, granted))
    meter = Meter(parse(text))
    operation = next(meter.operations())
    variables = get_variable_values(graphql_schema(), operation.variable_definitions or (), {})
    assert not isinstance(variables, list)
    return compile_query(operation, meter.fragments, variables, standing.shape).sql


def said_of(alias: str, sql: str) -> list[str]:
    """The tests of a row's place in a statement."""
    return re.findall(rf"{alias}(?:_link)?\.(?:organization_id|site_id|id) = any\(\$\d+::uuid\[\]\)", sql)


def columns(alias: str, sql: str) -> list[str]:
    return [one.split(" ")[0].removeprefix(f"{alias}.") for one in said_of(alias, sql)]


SITES = "{ organizations(first: 2) { nodes { sites(first: 2) { nodes { name } } } } }"
JOBS_OF_A_CONTRACT = "{ contracts(first: 2) { nodes { jobs(first: 2) { nodes { title } } } } }"
PARTIES = "{ jobs(first: 2) { nodes { parties(first: 2) { nodes { role } } } } }"
UPWARDS = "{ jobs(first: 2) { nodes { site { name organization { shortName } } contract { title } } } }"
DEEP = (
    "{ organizations(first: 1) { nodes { sites(first: 1) { nodes { jobs(first: 1) { nodes { site { name } } } } } } } }"
)


@pytest.mark.parametrize(
    ("document", "grants", "expected"),
    [
        # Nobody who sees everything is tested for anything.
        (SITES, ADMINISTRATOR, {"t1": [], "t2": []}),
        (DEEP, ADMINISTRATOR, {"t1": [], "t2": [], "t3": [], "e4": []}),
        # The organization is tested once: its sites, their jobs and back up follow by the composite keys.
        (SITES, MANAGER, {"t1": ["id"], "t2": []}),
        (DEEP, MANAGER, {"t1": ["id"], "t2": [], "t3": [], "e4": []}),
        # An organization is seen for one of its sites, so its sites must be tested; what hangs on them follows.
        (SITES, SITE_VIEWER, {"t1": ["id"], "t2": ["id"]}),
        (DEEP, SITE_VIEWER, {"t1": ["id"], "t2": ["id"], "t3": [], "e4": []}),
        # A contract's site is not its jobs': they may be done elsewhere in the organization.
        (JOBS_OF_A_CONTRACT, MANAGER, {"t1": ["organization_id"], "t2": []}),
        (JOBS_OF_A_CONTRACT, SITE_VIEWER, {"t1": ["site_id"], "t2": ["site_id"]}),
        (
            JOBS_OF_A_CONTRACT,
            BOTH,
            {"t1": ["organization_id", "site_id"], "t2": ["organization_id", "site_id", "t2_link.organization_id"]},
        ),
        # A party's organization is another than its job's, and a job may be seen for a party's sake.
        (PARTIES, MANAGER, {"t1": ["organization_id", "t1_link.organization_id"], "t2": ["organization_id"]}),
        (PARTIES, SITE_VIEWER, {"t1": ["site_id"], "t2": []}),
        # Seen for a party's sake, nothing is known of its place.
        (UPWARDS, MANAGER, {"e2": ["organization_id"], "e3": [], "e4": ["organization_id"]}),
        # By the site alone: the site follows, its organization is touched, the contract may be the organization's.
        (UPWARDS, SITE_VIEWER, {"t1": ["site_id"], "e2": [], "e3": ["id"], "e4": ["site_id"]}),
        # What is known of one right's places says nothing of another's.
        (DEEP, MIXED, {"t1": ["id"], "t2": [], "t3": ["site_id"], "e4": []}),
    ],
)
def test_what_is_tested(document: str, grants: tuple[tuple[str, str], ...], expected: dict[str, list[str]]) -> None:
    sql = sql_of(document, grants)
    assert {alias: columns(alias, sql) for alias in expected} == expected, sql


def test_what_nobody_could_see_is_not_read() -> None:
    assert "from contract" not in sql_of('{ node(id: "ctr_' + "0" * 32 + '") { id } }', (("clients.view", ""),))


def test_a_denied_field_is_not_read() -> None:
    sql = sql_of("{ contracts(first: 1) { nodes { commercialTerms } } }", (("contracts", ""),))
    assert "commercial_terms" not in sql


def test_states_are_tested_even_where_the_place_follows() -> None:
    sql = sql_of("{ organizations(first: 1) { nodes { contracts(first: 1) { nodes { title } } } } }", MANAGER)
    assert "(t2.status in ('ACTIVE', 'EXPIRING', 'TERMINATED'))" in sql
    assert columns("t2", sql) == []


def test_every_row_stays_behind_the_tenant_wall() -> None:
    for grants in (ADMINISTRATOR, MANAGER, SITE_VIEWER, BOTH):
        sql = sql_of(DEEP, grants)
        for alias in ("t1", "t2", "t3", "e4"):
            assert re.search(rf"{alias}\.tenant_id = \$\d+::uuid", sql)


TOTALS = """{{ sites(first: 1) {{ nodes {{
jobs(first: 1{}) {{ totalCount }} contracts(first: 1) {{ nodes {{ jobs(first: 1) {{ totalCount }} }} }}
}} }} }}"""
KEPT = r"from job_count counts where counts\.tenant_id = \$\d+::uuid and counts\.{}_id = t\d+\.id and ([^)]*\)?)"


ALL, OF_THE_SITE = "true)", "(counts.site_id = any($0::uuid[])"


@pytest.mark.parametrize(
    ("grants", "arguments", "expected"),
    [
        (ADMINISTRATOR, "", {"site": ALL, "contract": ALL}),
        (MANAGER, "", {"site": ALL, "contract": ALL}),
        # All jobs of their site; of a contract's only those that are done there.
        (SITE_VIEWER, "", {"site": ALL, "contract": OF_THE_SITE}),
        (ADMINISTRATOR, ", archived: INCLUDE", {"contract": ALL}),
        (ADMINISTRATOR, ", archived: ONLY", {"contract": ALL}),
        (ADMINISTRATOR, ", filter: {status: [COMPLETED]}", {"contract": ALL}),
        # A job may be seen because somebody takes part in it, which only the job tells.
        (BOTH, "", {"site": ALL}),
    ],
)
def test_jobs_are_counted_in_advance_where_their_place_decides(
    grants: tuple[tuple[str, str], ...], arguments: str, expected: dict[str, str]
) -> None:
    sql = sql_of(TOTALS.format(arguments), grants)
    found = {kind: re.findall(KEPT.format(kind), sql) for kind in ("site", "contract")}
    assert {kind: re.sub(r"\$\d+", "$0", said[0]) for kind, said in found.items() if said} == expected, sql
