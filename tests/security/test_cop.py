"""What auditors of GraphQL services look for (the checks of graphql-cop), against a service as it is run for others."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import httpx2
import pytest

from tests.server.talking import Station, stationed
from tests.world.serving import Place


@pytest.fixture(scope="module")
def strict(world: Place, tmp_path_factory: pytest.TempPathFactory) -> Generator[Station]:
    with stationed(world, tmp_path_factory.mktemp("home"), introspection=False) as made:
        yield made


def asked(station: Station, body: Any, **headers: str) -> httpx2.Response:
    return station.http.post("/graphql", json=body, headers=station.bearer("administrator") | headers)


def codes(response: httpx2.Response) -> set[str]:
    return {error["extensions"]["code"] for error in response.json()["errors"]}


OVERLOADED = {
    "aliases": "{" + " ".join(f"a{number}: __typename" for number in range(101)) + "}",
    "aliases of a field": "{viewer{" + " ".join(f"a{number}: name" for number in range(2_000)) + "}}",
    "aliases in fragments": "{viewer{...A ...A}} fragment A on Viewer {"
    + " ".join(f"a{number}: name" for number in range(1_600))
    + "}",
    "one field, many times": "{viewer{" + "name " * 500 + "}}",
    "directives": "{viewer{name " + "@include(if: true) " * 60 + "}}",
    "unknown directives": "{__typename " + "@aa " * 51 + "}",
    "depth": "{viewer"
    + "{user{organization{sites(first:1){nodes{organization{sites(first:1){nodes" * 4
    + "{id"
    + "}" * 50,
}


@pytest.mark.parametrize("document", OVERLOADED.values(), ids=OVERLOADED.keys())
def test_overloading_is_refused_before_anything_runs(strict: Station, document: str) -> None:
    response = asked(strict, {"query": document})
    assert "data" not in response.json()
    assert codes(response) <= {"QUERY_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED"}


def test_circular_introspection_is_refused(strict: Station) -> None:
    circle = "{__schema{types{fields{type{" + "fields{type{" * 6 + "name" + "}}" * 6 + "}}}}}"
    assert codes(asked(strict, {"query": circle})) <= {"GRAPHQL_VALIDATION_FAILED", "QUERY_TOO_COMPLEX"}


def test_errors_do_not_grow_with_what_is_wrong(strict: Station) -> None:
    response = asked(strict, {"query": "{__typename " + "@aa " * 45 + "}"})
    assert len(response.json()["errors"]) <= 11


def test_batches_are_refused(strict: Station) -> None:
    response = asked(strict, [{"query": "{__typename}"}] * 10)
    assert (response.status_code, codes(response)) == (400, {"BATCHING_NOT_SUPPORTED"})


@pytest.mark.parametrize(
    "query",
    [
        "{__schema{queryType{name}}}",
        '{__type(name:"Site"){name}}',
        "{...A} fragment A on Query {__schema{types{name}}}",
    ],
)
def test_introspection_is_off_where_it_is_switched_off(strict: Station, query: str) -> None:
    response = asked(strict, {"query": query})
    assert "data" not in response.json()
    assert codes(response) == {"GRAPHQL_VALIDATION_FAILED"}
    anonymous = strict.http.post("/graphql", json={"query": query})
    assert "data" not in anonymous.json()


def test_nothing_is_suggested(strict: Station) -> None:
    for query in ("{ viewr { name } }", "{ viewer { nam } }", "{ viewer { ...A } } fragment A on Viewr { name }"):
        assert "id you mean" not in asked(strict, {"query": query}).text


MUTATION = 'mutation { createStaffUser(input: {name: "Mallory", email: "m@example.com"}) { userErrors { code } } }'


def test_mutations_are_not_sent_by_get(strict: Station) -> None:
    response = strict.http.get("/graphql", params={"query": MUTATION}, headers=strict.bearer("administrator"))
    assert (response.status_code, codes(response)) == (405, {"MUTATION_NEEDS_POST"})


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
)
def test_nothing_is_taken_from_a_form(strict: Station, kind: str) -> None:
    headers = strict.bearer("administrator") | ({"content-type": kind} if kind else {})
    response = strict.http.post("/graphql", content=f"query={MUTATION}", headers=headers)
    assert (response.status_code, codes(response)) == (415, {"UNSUPPORTED_MEDIA_TYPE"})


def test_no_trace_plan_or_cost_is_told_without_being_asked(strict: Station) -> None:
    for headers in ({}, {"x-apollo-tracing": "1"}, {"portico-plan": "1"}):
        assert "extensions" not in asked(strict, {"query": "{viewer{name}}"}, **headers).json()


def test_no_console_is_served(strict: Station) -> None:
    for path in ("/graphiql", "/playground", "/altair", "/console", "/graphql"):
        response = strict.http.get(path, headers={"accept": "text/html"})
        # Where there is nothing, the portal says so in its own page.
        assert response.status_code in {404, 406} or "/assets/graphiql" not in response.text, path


def test_a_failure_tells_nothing_of_the_inside(strict: Station) -> None:
    for variables in ({"id": "sit_" + "f" * 32}, {"id": "\x00"}, {"id": {"a": 1}}, {"id": 10**40}):
        text = asked(strict, {"query": "query($id: ID!){node(id:$id){id}}", "variables": variables}).text
        for word in ("Traceback", "asyncpg", "psycopg", "select ", "/server/", "postgres"):
            assert word not in text
