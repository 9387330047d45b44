"""Getting, asking about and giving back tokens: OAuth's own answers, and none that tells more than it must."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import psycopg
import pytest

from tests.partners.program import ADMINISTRATOR, Program, codes, enrolled
from tests.server.talking import Station
from tests.world.mirror import plain

TOKEN, INTROSPECT, REVOKE = "/oauth/token", "/oauth/introspect", "/oauth/revoke"
CLIENT = {"grant_type": "client_credentials"}
WRONG = {"error": "invalid_client", "error_description": "The client id or the secret is wrong."}
WHO = "{ viewer { kind name permissions } }"


def forget_attempts(station: Station) -> None:
    with psycopg.connect(plain(station.place.url)) as connection:
        connection.execute("truncate sign_in_attempt")


def test_a_token_is_opaque_short_and_for_the_graph_alone(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read", "sites:read")
    answer = program.post(TOKEN, CLIENT)
    body = answer.json()
    token = body.pop("access_token")
    assert (answer.status_code, body) == (
        200,
        {"token_type": "Bearer", "expires_in": 600, "scope": "jobs:read sites:read"},
    )
    assert len(token) == 64
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert program.answer(WHO)["data"]["viewer"] == {
        "kind": "PARTNER",
        "name": "Rota",
        "permissions": ["VIEW_CLIENTS", "VIEW_JOBS"],
    }
    with psycopg.connect(plain(own_station.place.url)) as connection:
        (seconds,) = connection.execute(
            "select extract(epoch from expires_at - created_at) from session where kind = 'PARTNER' limit 1"
        ).fetchone() or (0,)
    assert 599 < seconds < 601


def test_the_secret_may_come_in_the_body_too_but_only_once(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read")
    given = {**CLIENT, "client_id": program.client_id, "client_secret": program.secret}
    assert own_station.http.post(TOKEN, data=given).status_code == 200
    both = program.post(TOKEN, given)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")


def test_a_token_can_be_asked_for_with_fewer_scopes_and_then_has_no_more(each_station: Station) -> None:
    program = enrolled(each_station, "jobs:read", "contacts:read", "sites:read")
    program.sign_in(scope="jobs:read")
    asked = "{ viewer { permissions } jobs(first: 1) { totalCount } contacts(first: 1) { totalCount } }"
    narrow = program.answer(asked)["data"]
    assert narrow["viewer"]["permissions"] == ["VIEW_CLIENTS", "VIEW_JOBS"]
    assert narrow["jobs"]["totalCount"] > 0
    assert narrow["contacts"]["totalCount"] == 0
    program.sign_in()
    assert program.answer(asked)["data"]["contacts"]["totalCount"] > 0


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        ("contacts:read", "invalid_scope"),
        ("jobs:read contacts:read", "invalid_scope"),
        ("administrator", "invalid_scope"),
        ("jobs.view", "invalid_scope"),
        ("*", "invalid_scope"),
    ],
)
def test_a_wider_scope_is_refused(scope: str, error: str, own_station: Station) -> None:
    answer = enrolled(own_station, "jobs:read").post(TOKEN, {**CLIENT, "scope": scope})
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_an_application_without_scopes_gets_no_token(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read")
    grant = next(iter(own_station.ask(ADMINISTRATOR, _GRANTS, id=program.id)["node"]["grants"]["nodes"]))
    own_station.command(ADMINISTRATOR, "revokeAccess", id=grant["id"])
    assert program.post(TOKEN, CLIENT).json()["error"] == "invalid_scope"


_GRANTS = "query($id: ID!) { node(id: $id) { ... on PartnerApplication { grants(first: 9) { nodes { id name } } } } }"


def _basic(client_id: str, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def test_whoever_cannot_prove_it_is_told_the_same(own_station: Station) -> None:
    """Unknown, foreign, malformed, disabled, no secret, a wrong one: one answer."""
    program = enrolled(own_station, "jobs:read")
    tenant = own_station.place.world.tenants["acme"][4:]
    unknown = base64.urlsafe_b64encode(bytes.fromhex(tenant) + secrets.token_bytes(16)).rstrip(b"=").decode()
    disabled = enrolled(own_station, "jobs:read", name="Disabled")
    own_station.command(ADMINISTRATOR, "disablePartnerApplication", id=disabled.id)
    for client_id, secret in (
        (program.client_id, "wrong"),
        (program.client_id, ""),
        (program.client_id, program.secret + "x"),
        (program.client_id + "=", program.secret),
        (unknown, program.secret),
        ("nobody", "wrong"),
        ("", ""),
        (disabled.client_id, disabled.secret),
    ):
        forget_attempts(own_station)
        answer = own_station.http.post(TOKEN, data=CLIENT, headers=_basic(client_id, secret))
        assert (answer.status_code, answer.json()) == (401, WRONG), client_id
        assert answer.headers["www-authenticate"] == 'Basic realm="portico"'
        in_body = own_station.http.post(TOKEN, data={**CLIENT, "client_id": client_id, "client_secret": secret})
        assert (in_body.status_code, in_body.json()) == (401, WRONG), client_id
    for headers in ({}, {"authorization": "Bearer abc"}, {"authorization": "Basic %%%"}, {"authorization": "Basic"}):
        forget_attempts(own_station)
        assert own_station.http.post(TOKEN, data=CLIENT, headers=headers).json() == WRONG


def test_wrong_secrets_take_longer_and_longer_but_the_right_one_never_waits(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read")
    statuses = [
        own_station.http.post(TOKEN, data=CLIENT, headers=_basic(program.client_id, "wrong")).status_code
        for _ in range(8)
    ]
    assert statuses == [401] * 6 + [429] * 2
    late = own_station.http.post(TOKEN, data=CLIENT, headers=_basic(program.client_id, "wrong"))
    assert late.json()["error"] == "slow_down"
    assert int(late.headers["retry-after"]) >= 1
    assert program.post(TOKEN, CLIENT).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({}, "invalid_request"),
    ],
)
def test_there_is_one_kind_of_grant(form: dict[str, str], error: str, own_station: Station) -> None:
    answer = enrolled(own_station, "jobs:read").post(TOKEN, form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_other_bodies_methods_and_sizes_are_refused_in_the_same_words(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read")
    form = {"content-type": "application/x-www-form-urlencoded"}
    for headers, body, status in (
        ({"content-type": "application/json"}, b'{"grant_type":"client_credentials"}', 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x--", 400),
        ({"content-type": "text/plain"}, b"grant_type=client_credentials", 400),
        ({}, b"grant_type=client_credentials", 400),
        (form, b"grant_type=client_credentials&grant_type=client_credentials", 400),
        (form, b"grant_type=client_credentials&scope=%ff", 400),
        (form, b"grant_type=client_credentials&scope=%00", 400),
        (form, "grant_type=ä".encode(), 400),
        (form, b"&".join(b"a%d=1" % number for number in range(30)), 400),
        (form, b"grant_type=client_credentials&scope=" + b"x" * 9_000, 413),
        (form, b"x" * 2_000_000, 413),
    ):
        answer = program.post(TOKEN, headers=headers, content=body)
        assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request"), (headers, body[:60])
    for path in (TOKEN, INTROSPECT, REVOKE):
        for method in ("GET", "PUT", "DELETE", "OPTIONS"):
            answer = own_station.http.request(method, path)
            assert (answer.status_code, answer.json()["error"]) == (405, "invalid_request")
            assert answer.headers["allow"] == "POST"
    in_url = own_station.http.post(f"{TOKEN}?client_id={program.client_id}&client_secret={program.secret}", data=CLIENT)
    assert in_url.json() == WRONG


def test_introspection_tells_the_application_of_its_own_living_tokens(own_station: Station) -> None:
    program, other = enrolled(own_station, "jobs:read", "sites:read"), enrolled(own_station, name="Other")
    program.sign_in(scope="jobs:read")
    told = program.post(INTROSPECT, {"token": program.token}).json()
    assert told.pop("exp") - told.pop("iat") == 600
    assert told == {
        "active": True,
        "client_id": program.client_id,
        "sub": program.client_id,
        "token_type": "Bearer",
        "scope": "jobs:read",
    }
    dead = {"active": False}
    for token in (other.token, own_station.token("clerk"), "x", "a.b.c", program.token[:-1] + "A" * 200, "ä"):
        assert program.post(INTROSPECT, {"token": token}).json() == dead
    assert own_station.http.post(INTROSPECT, data={"token": program.token}).json() == WRONG
    assert program.post(INTROSPECT).json()["error"] == "invalid_request"
    program.post(REVOKE, {"token": program.token})
    assert program.post(INTROSPECT, {"token": program.token}).json() == dead


def test_revocation_ends_the_token_and_says_nothing_of_others(own_station: Station) -> None:
    program, other = enrolled(own_station, "jobs:read"), enrolled(own_station, name="Other")
    for token in (other.token, own_station.token("clerk"), "unknown"):
        answer = program.post(REVOKE, {"token": token})
        assert (answer.status_code, answer.json()) == (200, {})
    assert "errors" not in other.answer(WHO)
    assert "errors" not in program.answer(WHO)
    assert program.post(REVOKE, {"token": program.token, "token_type_hint": "access_token"}).status_code == 200
    assert program.send(WHO).status_code == 401
    assert codes(program.answer(WHO)) == ["UNAUTHENTICATED"]
    odd = program.post(REVOKE, {"token": other.token, "token_type_hint": "saml"}).json()
    assert odd["error"] == "unsupported_token_type"


def test_the_server_describes_itself(own_station: Station) -> None:
    told = own_station.http.get("/.well-known/oauth-authorization-server").json()
    issuer = told["issuer"]
    assert told["token_endpoint"] == f"{issuer}/oauth/token"
    assert told["introspection_endpoint"] == f"{issuer}/oauth/introspect"
    assert told["revocation_endpoint"] == f"{issuer}/oauth/revoke"
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post"]
    assert told["response_types_supported"] == []
    assert "jobs:read" in told["scopes_supported"]


def test_a_token_counts_as_a_bearer_only_and_never_as_a_cookie(each_station: Station) -> None:
    program = enrolled(each_station, "jobs:read")
    own = {"x-portico-client": "tests", "cookie": f"portico={program.token}"}
    body: dict[str, Any] = {"query": WHO}
    for _ in range(2):
        assert each_station.http.post("/graphql", json=body, headers=own).status_code == 401
        assert each_station.http.post("/graphql", json=body, headers=program.bearer).status_code == 200
    session = each_station.http.get("/auth/session", headers=own).json()
    assert session["signedIn"] is False
    both = {**own, "authorization": f"Bearer {program.token}"}
    assert each_station.http.post("/graphql", json=body, headers=both).status_code == 200


@pytest.mark.parametrize(
    "token",
    [
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJhZG1pbiJ9.",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiIsInNjb3BlIjoiKiJ9.c2lnbmF0dXJl",
        "null",
        "0" * 64,
        "a" * 5_000,
    ],
)
def test_a_token_that_is_none_of_ours_is_nobody(token: str, own_station: Station) -> None:
    answer = own_station.http.post("/graphql", json={"query": WHO}, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert codes(answer.json()) == ["UNAUTHENTICATED"]


def test_a_program_has_nothing_that_people_have(own_station: Station) -> None:
    """No password, no suspension, no name of its own, and no other right than scopes."""
    program = enrolled(own_station, "jobs:read")
    acme = own_station.place.world.tenants["acme"]
    for name, given in (
        ("suspendUser", {"id": program.user}),
        ("updateUser", {"id": program.user, "name": "Someone"}),
        ("grantAccess", {"userId": program.user, "placeId": acme, "name": "administrator"}),
        ("grantAccess", {"userId": program.user, "placeId": acme, "name": "jobs.view"}),
        ("grantAccess", {"userId": own_station.place.world.users["clerk"], "placeId": acme, "name": "jobs:read"}),
    ):
        assert _refused(own_station, name, given) in ("NOT_A_PERSON", "NOT_GRANTABLE"), name


def _refused(station: Station, name: str, given: dict[str, Any]) -> str:
    kind = name[0].upper() + name[1:]
    document = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    errors = station.ask(ADMINISTRATOR, document, input=given)[name]["userErrors"]
    return errors[0]["code"]


def test_the_program_itself_can_change_nothing(own_station: Station) -> None:
    program: Program = enrolled(own_station)
    document = """mutation($id: ID!) { updatePartnerApplication(input: {id: $id, bucket: 100000}) {
      userErrors { code } } }"""
    payload = program.answer(document, id=program.id)["data"]["updatePartnerApplication"]
    assert payload["userErrors"] == [{"code": "FORBIDDEN"}]
