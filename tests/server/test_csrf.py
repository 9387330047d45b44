"""What another site can make a browser send does nothing; a bearer token is no business of browsers."""

from collections.abc import Generator
from typing import Any

import httpx2
import pytest

from server.app import create_app
from server.origins import Origins
from server.process import Process
from server.settings import Settings

QUERY = {"query": "{ viewer { __typename } }"}
GENUINE = {"x-portico-client": "test"}
TRUSTED = "https://portal.example"


def cookie(person) -> dict[str, str]:
    return {"cookie": f"portico={person.token}"}


def code(response: httpx2.Response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


def test_a_cookie_with_the_client_header_is_enough(client: httpx2.Client, served: str, person) -> None:
    for more in (
        {},
        {"origin": served},
        {"origin": served, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ):
        response = client.post("/graphql", json=QUERY, headers=cookie(person) | GENUINE | more)
        assert response.json() == {"data": {"viewer": {"__typename": "Viewer"}}}, more
    assert client.get("/graphql", params=QUERY, headers=cookie(person) | GENUINE).status_code == 200


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"x-portico-client": ""}, "CLIENT_HEADER_MISSING"),
        ({"origin": "https://evil.example"}, "ORIGIN_NOT_ALLOWED"),
        ({"origin": "null"}, "ORIGIN_NOT_ALLOWED"),
        ({"origin": ""}, "ORIGIN_NOT_ALLOWED"),
        ({"origin": "{served}.evil.example"}, "ORIGIN_NOT_ALLOWED"),
        ({"origin": "{served}0"}, "ORIGIN_NOT_ALLOWED"),
        ({"origin": "{served}/"}, "ORIGIN_NOT_ALLOWED"),
        ({"origin": "http://127.0.0.1"}, "ORIGIN_NOT_ALLOWED"),
        ({"origin": "HTTPS://127.0.0.1"}, "ORIGIN_NOT_ALLOWED"),
        ({"sec-fetch-site": "cross-site"}, "CROSS_SITE_REQUEST"),
        ({"sec-fetch-site": "same-site"}, "CROSS_SITE_REQUEST"),
        ({"sec-fetch-site": "same-site", "origin": "https://evil.example"}, "ORIGIN_NOT_ALLOWED"),
        ({"sec-fetch-site": "cross-site", "origin": "{served}"}, "CROSS_SITE_REQUEST"),
        ({"sec-fetch-site": "nonsense"}, "CROSS_SITE_REQUEST"),
    ],
)
def test_a_cookie_from_elsewhere_is_refused(
    client: httpx2.Client, served: str, person, headers: dict[str, str], said: str
) -> None:
    headers = {name: value.format(served=served) for name, value in headers.items()}
    given = cookie(person) | GENUINE | headers
    for response in (
        client.post("/graphql", json=QUERY, headers=given),
        client.get("/graphql", params=QUERY, headers=given),
    ):
        assert (response.status_code, code(response)) == (403, said)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None]
)
def test_what_a_form_can_send_is_refused(client: httpx2.Client, person, kind: str | None) -> None:
    headers = cookie(person) | GENUINE | ({"content-type": kind} if kind else {})
    response = client.post("/graphql", content=b'{"query":"{ __typename }"}', headers=headers)
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_the_plain_name_is_no_session_under_another_host(client: httpx2.Client, person) -> None:
    elsewhere = {"host": "portal.example"} | GENUINE
    plain = client.post("/graphql", json=QUERY, headers=cookie(person) | elsewhere)
    assert plain.status_code == 401
    safe = client.post("/graphql", json=QUERY, headers={"cookie": f"a=b; __Host-portico={person.token}"} | elsewhere)
    assert safe.status_code == 200


def test_a_token_needs_none_of_it(client: httpx2.Client, person) -> None:
    hostile = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert client.post("/graphql", json=QUERY, headers=person.bearer | hostile).status_code == 200
    assert client.get("/graphql", params=QUERY, headers=person.bearer).status_code == 200


def test_beside_a_token_the_cookie_is_not_read(client: httpx2.Client, person) -> None:
    for bearer in ("Bearer wrong", "Bearer", "bearer " + "A" * 64):
        headers = cookie(person) | GENUINE | {"authorization": bearer}
        assert client.post("/graphql", json=QUERY, headers=headers).status_code == 401
    other = {"cookie": "portico=nonsense"} | person.bearer
    assert client.post("/graphql", json=QUERY, headers=other).status_code == 200


@pytest.fixture(scope="module")
def sharing(settings: Settings, serve) -> Generator[httpx2.Client]:
    """A client of an app that trusts one further origin."""
    app = create_app(Process(settings.model_copy(update={"allowed_origins": (TRUSTED,)})))
    with serve(app) as origin, httpx2.Client(base_url=origin) as made:
        yield made


PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


def shared(response: httpx2.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


def test_a_trusted_origin_may_ask_and_read(sharing: httpx2.Client, person) -> None:
    response = sharing.options("/graphql", headers=PREFLIGHT | {"origin": TRUSTED})
    assert response.status_code == 204
    assert shared(response) == {
        "access-control-allow-origin": TRUSTED,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "retry-after, x-request-id",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, content-type, x-portico-client, x-request-id, portico-cost",
        "access-control-max-age": "600",
    }
    neighbour = {"origin": TRUSTED, "sec-fetch-site": "same-site"}
    response = sharing.post("/graphql", json=QUERY, headers=cookie(person) | GENUINE | neighbour)
    assert (response.status_code, shared(response)["access-control-allow-origin"]) == (200, TRUSTED)
    assert response.headers["vary"] == "Accept, Origin"


def test_other_origins_may_not(sharing: httpx2.Client, client: httpx2.Client) -> None:
    evil = {"origin": "https://evil.example"}
    assert sharing.options("/graphql", headers=PREFLIGHT | evil).status_code == 403
    assert shared(sharing.post("/graphql", json=QUERY, headers=evil)) == {}
    # Where no origin is trusted there is no sharing at all.
    assert client.options("/graphql", headers=PREFLIGHT | {"origin": TRUSTED}).status_code == 405
    assert shared(client.post("/graphql", json=QUERY, headers={"origin": TRUSTED})) == {}


@pytest.mark.parametrize(
    ("public", "scheme", "host", "origin", "allowed"),
    [
        (None, "ws", "a.example", ["http://a.example"], True),
        (None, "wss", "a.example", ["https://a.example"], True),
        (None, "https", "a.example:8443", ["https://a.example:8443"], True),
        (None, "https", "a.example", ["http://a.example"], False),
        (None, "https", "a.example", [], True),
        (None, "https", "a.example", ["https://a.example", "https://a.example"], False),
        (None, "https", "a.example", ["https://trusted.example"], True),
        ("https://b.example", "http", "a.example", ["https://b.example"], True),
        ("https://b.example", "http", "a.example", ["http://a.example"], False),
        (None, "http", "", ["http://"], False),
    ],
)
def test_allowed_origins(public: str | None, scheme: str, host: str, origin: list[str], allowed: bool) -> None:
    headers = [(b"origin", one.encode()) for one in origin] + ([(b"host", host.encode())] if host else [])
    scope: dict[str, Any] = {"type": "http", "scheme": scheme, "headers": headers}
    assert Origins(public, frozenset({"https://trusted.example"})).allowed_origin(scope) is allowed
