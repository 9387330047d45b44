"""Whatever comes over HTTP gets a coded answer in JSON, and no mistake of a client is one of ours."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from sqlalchemy.exc import OperationalError
from starlette.types import Message, Receive, Scope

from auth.grants import Credential
from server.contract import EVENTS, Answer, GraphQLRequest
from server.http import CURRENT, LEGACY, GraphQLEndpoint, negotiated
from server.metrics import REGISTRY, operation_label
from server.origins import Origins
from server.replies import Refusal
from server.tracing import headers_of

JSON = "application/json"
QUERY = {"query": "{ __typename }"}
OUR_TYPES = {f"{JSON}; charset=utf-8", "application/graphql-response+json; charset=utf-8"}

ODD_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" \n ",
    "null": b"null",
    "number": b"1",
    "string": b'"{ __typename }"',
    "list": b"[]",
    "batch": b'[{"query":"{ __typename }"},{"query":"{ __typename }"}]',
    "cut off": b'{"query": "{ __typ',
    "trailing comma": b'{"query":"{ __typename }",}',
    "two documents": b'{"query":"{ __typename }"}{}',
    "single quotes": b"{'query':'{ __typename }'}",
    "byte order mark": b'\xef\xbb\xbf{"query":"{ __typename }"}',
    "bad UTF-8": b'{"query":"{ __typename } # \xff"}',
    "surrogate as UTF-8": b'{"query":"{ __typename } # \xed\xa0\x80"}',
    "lone surrogate": b'{"query":"{ __typename }","variables":{"a":"\\ud800"}}',
    "NUL": b'{"query":"{ __typename }","variables":{"a":"\\u0000"}}',
    "NUL in a name": b'{"query":"{ __typename }","variables":{"a\\u0000":"b"}}',
    "5,000 digits": b'{"query":"{ __typename }","variables":{"a":' + b"9" * 5000 + b"}}",
    "NaN": b'{"query":"{ __typename }","variables":{"a":NaN}}',
    "1e999": b'{"query":"{ __typename }","variables":{"a":1e999}}',
    "deep list": b'{"query":"{ __typename }","variables":{"a":' + b"[" * 60 + b"]" * 60 + b"}}",
    "very deep list": b'{"query":"{ __typename }","variables":{"a":' + b"[" * 40_000 + b"]" * 40_000 + b"}}",
    "query twice": b'{"query":"{ __typename }","query":"{ a }"}',
    "variable twice": b'{"query":"{ __typename }","variables":{"a":1,"\\u0061":2}}',
    "no query": b'{"qeury":"{ __typename }"}',
    "query null": b'{"query":null}',
    "query empty": b'{"query":""}',
    "query a number": b'{"query":1}',
    "variables a list": b'{"query":"{ __typename }","variables":[]}',
    "variables a string": b'{"query":"{ __typename }","variables":"{}"}',
    "operationName an object": b'{"query":"{ __typename }","operationName":{}}',
    "extensions true": b'{"query":"{ __typename }","extensions":true}',
    "form": b"query=%7B+__typename+%7D",
    "not text": bytes(range(256)),
}
ODD_TYPES = [
    None,
    "text/plain",
    "text/plain, application/json",
    "application/json, text/plain",
    "application/json; charset=utf-16",
    "application/jsonp",
    "application/graphql",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql-response+json",
    "application/json; charset=utf-8; boundary=x",
    "x",
    "\xff",
]


def coded(response: httpx2.Response, status: int) -> str:
    """The code of a refusal, once its shape was checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] in OUR_TYPES
    assert response.headers["cache-control"] == "no-store"
    content = response.json()
    assert list(content) == ["errors"]
    (error,) = content["errors"]
    assert set(error) == {"message", "extensions"}
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    return error["extensions"]["code"]


def post(client: httpx2.Client, body: bytes, **headers: str) -> httpx2.Response:
    return client.post("/graphql", content=body, headers={"content-type": JSON, **headers})


@pytest.mark.parametrize("name", ODD_BODIES)
def test_an_odd_body_is_refused(client: httpx2.Client, person, name: str) -> None:
    code = coded(post(client, ODD_BODIES[name], **person.bearer), 400)
    expected = {"batch": "BATCHING_NOT_SUPPORTED", "list": "BATCHING_NOT_SUPPORTED"}
    missing = dict.fromkeys(("no query", "query null", "query empty"), "QUERY_MISSING")
    assert code == (expected | missing).get(name, "BAD_REQUEST")


@pytest.mark.parametrize("given", ODD_TYPES)
def test_only_json_is_read(client: httpx2.Client, person, given: str | None) -> None:
    headers = person.bearer if given is None else {**person.bearer, "content-type": given.encode("latin-1")}
    response = client.post("/graphql", content=json.dumps(QUERY).encode(), headers=headers)
    assert coded(response, 415) == "UNSUPPORTED_MEDIA_TYPE"


def test_a_type_said_twice_or_a_compressed_body_is_refused(client: httpx2.Client) -> None:
    twice = [("content-type", JSON), ("content-type", "text/plain")]
    packed = [("content-type", JSON), ("content-encoding", "gzip")]
    for headers in (twice, packed):
        assert coded(client.post("/graphql", content=b"{}", headers=headers), 415) == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize("given", [JSON, "APPLICATION/JSON;charset=UTF-8", 'application/json ; charset="utf-8"'])
def test_json_by_any_of_its_names_is_read(client: httpx2.Client, person, given: str) -> None:
    response = client.post(
        "/graphql", content=json.dumps(QUERY).encode(), headers={**person.bearer, "content-type": given}
    )
    assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"])
def test_other_methods_are_refused(client: httpx2.Client, method: str) -> None:
    response = client.request(method, "/graphql", content=b"{}", headers={"content-type": JSON})
    assert coded(response, 405) == "METHOD_NOT_ALLOWED"
    assert response.headers["allow"] == "GET, POST"


def test_a_body_beyond_the_limit_is_not_read(client: httpx2.Client) -> None:
    assert coded(post(client, b" " * 100_001), 413) == "PAYLOAD_TOO_LARGE"

    def parts() -> Iterator[bytes]:
        yield from [b" " * 10_000] * 11

    response = client.post("/graphql", content=parts(), headers={"content-type": JSON})
    assert coded(response, 413) == "PAYLOAD_TOO_LARGE"


def test_a_query_in_the_url(client: httpx2.Client, person) -> None:
    parameters = {"query": "query T($n: String!) { __type(name: $n) { name } }", "variables": '{"n":"Query"}'}
    response = client.get("/graphql", params=parameters, headers=person.bearer)
    assert (response.status_code, response.json()) == (200, {"data": {"__type": {"name": "Query"}}})


def test_a_mutation_in_the_url_is_refused(client: httpx2.Client, person) -> None:
    response = client.get("/graphql", params={"query": "mutation { __typename }"}, headers=person.bearer)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.json()["errors"][0]["extensions"]["code"] == "MUTATION_NEEDS_POST"


@pytest.mark.parametrize(
    "query",
    ["", "query=", "query=%ff", "query=a%00", "query=a&query=b", "query=a&variables=[]", "query=a&variables=x"],
)
def test_an_odd_url_is_refused(client: httpx2.Client, query: str) -> None:
    coded(client.get(f"/graphql?{query}"), 400)


def test_a_url_beyond_the_limit_is_refused(client: httpx2.Client) -> None:
    assert coded(client.get(f"/graphql?query={'a' * 20_000}"), 414) == "URI_TOO_LONG"


def test_nobody_is_told_to_sign_in(client: httpx2.Client) -> None:
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Bearer " + "A" * 64}):
        response = post(client, b'{"query":"{ viewer { id } }"}', **headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_an_id_that_is_given_comes_back(client: httpx2.Client) -> None:
    assert post(client, b"", **{"x-request-id": "from-a-proxy.1"}).headers["x-request-id"] == "from-a-proxy.1"
    made = post(client, b"", **{"x-request-id": "two words"}).headers["x-request-id"]
    assert len(made) == 32


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, LEGACY),
        ("", LEGACY),
        ("*/*", LEGACY),
        ("application/*", LEGACY),
        ("application/json", LEGACY),
        ("application/graphql-response+json", CURRENT),
        ("application/graphql-response+json, application/json", CURRENT),
        ("application/json, application/graphql-response+json", CURRENT),
        ("application/json, application/graphql-response+json;q=0.9", LEGACY),
        ("application/graphql-response+json;q=0.5, application/json;q=0.4", CURRENT),
        ("application/graphql-response+json;q=0, */*", LEGACY),
        ("application/graphql-response+json, application/graphql+json, application/json, text/event-stream", CURRENT),
        ("text/event-stream", EVENTS),
        ("text/event-stream, */*", EVENTS),
        ("text/event-stream;q=0", None),
        ("APPLICATION/GRAPHQL-RESPONSE+JSON; charset=utf-8", CURRENT),
        ("text/html, */*;q=0.1", LEGACY),
        ("application/json;q=nonsense, */*", None),
        ("application/json;q=0", None),
        ("text/html", None),
        ("application/json; charset=utf-16", None),
        (",;,", LEGACY),
    ],
)
def test_the_media_type_is_negotiated(accept: str | None, chosen: bytes | None) -> None:
    scope = {"headers": [] if accept is None else [(b"accept", accept.encode())]}
    if chosen is None:
        with pytest.raises(Refusal, match="Responses are"):
            negotiated(scope)
    else:
        assert negotiated(scope) == chosen


class Behaviour:
    """An executor that does as it is told."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act

    async def execute(
        self,
        request: GraphQLRequest,  # noqa: ARG002
        credential: Credential | None,  # noqa: ARG002
        request_id: str,  # noqa: ARG002
        *,
        allow_mutations: bool = True,  # noqa: ARG002
    ) -> Answer:
        answer = self.act()
        return await answer if asyncio.iscoroutine(answer) else answer


def raising(error: Exception) -> Callable[[], Any]:
    def act() -> Any:
        raise error

    return act


async def never() -> Message:
    await asyncio.sleep(30)
    raise AssertionError


async def call(act: Callable[[], Any], *, accept: bytes = b"", receive: Receive | None = None) -> dict[str, Any]:
    """The response of an endpoint over that executor, with tight times."""
    endpoint = GraphQLEndpoint(Behaviour(act), Origins(None, frozenset()), budget=0.05, body_seconds=0.05)
    headers = [(b"content-type", b"application/json"), (b"accept", accept or b"*/*")]
    scope: Scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/graphql", "headers": headers}
    sent: list[Message] = []

    async def given() -> Message:
        return {"type": "http.request", "body": json.dumps(QUERY).encode()}

    async def send(message: Message) -> None:
        sent.append(message)

    await endpoint(scope, receive or given, send)
    start, body = sent
    return {"status": start["status"], "headers": dict(start["headers"]), **json.loads(body["body"])}


OUTAGE = OperationalError("select secret", {}, Exception("host=10.0.0.1"))


@pytest.mark.parametrize(
    ("act", "accept", "status", "code"),
    [
        (lambda: asyncio.sleep(30), b"", 504, "TIMEOUT"),
        (lambda: asyncio.sleep(30), CURRENT, 504, "TIMEOUT"),
        (raising(OUTAGE), b"", 503, "SERVICE_UNAVAILABLE"),
        (raising(OUTAGE), CURRENT, 503, "SERVICE_UNAVAILABLE"),
        (raising(RuntimeError("secret")), b"", 200, "INTERNAL"),
        (raising(RuntimeError("secret")), CURRENT, 500, "INTERNAL"),
        (raising(RecursionError("secret")), b"", 200, "INTERNAL"),
        (raising(TimeoutError("secret")), b"", 200, "INTERNAL"),
    ],
)
async def test_a_failure_is_masked(act: Callable[[], Any], accept: bytes, status: int, code: str) -> None:
    response = await call(act, accept=accept)
    assert response["status"] == status
    assert response["errors"][0]["extensions"]["code"] == code
    assert "secret" not in str(response)
    assert "10.0.0.1" not in str(response)
    assert (b"retry-after" in response["headers"]) == (status == 503)


@pytest.mark.parametrize(
    ("answer", "accept", "status"),
    [
        (Answer(b"{}", has_data=True), LEGACY, 200),
        (Answer(b"{}", has_data=True), CURRENT, 200),
        (Answer(b"{}", has_data=False), LEGACY, 200),
        (Answer(b"{}", has_data=False), CURRENT, 400),
        (Answer(b"{}", has_data=False, unauthenticated=True), LEGACY, 401),
        (Answer(b"{}", has_data=False, unauthenticated=True), CURRENT, 401),
        (Answer(b"{}", has_data=False, unavailable=True), LEGACY, 503),
        (Answer(b"{}", has_data=False, unavailable=True, retry_after=7), CURRENT, 503),
        (Answer(b"{}", has_data=False, refused_method=True), LEGACY, 405),
    ],
)
async def test_the_status_says_what_came_of_it(answer: Answer, accept: bytes, status: int) -> None:
    response = await call(lambda: answer, accept=accept)
    assert response["status"] == status
    assert response["headers"][b"content-type"] == accept + b"; charset=utf-8"
    assert response["headers"][b"vary"] == b"Accept"


async def test_a_body_that_does_not_arrive() -> None:
    response = await call(raising(AssertionError()), receive=never)
    assert (response["status"], response["errors"][0]["extensions"]["code"]) == (408, "REQUEST_TIMEOUT")


async def test_a_caller_who_goes_away() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    assert (await call(raising(AssertionError()), receive=gone))["status"] == 400


def test_the_names_of_operations_do_not_fill_the_metrics(
    client: httpx2.Client, person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.metrics._operations", set[str]())
    for number in range(300):
        operation_label(f"Made{number}")
    query = {"query": "query Unheard { __typename }"}
    assert client.post("/graphql", json=query, headers=person.bearer).status_code == 200
    labels = {
        sample.labels["operation"]
        for metric in REGISTRY.collect()
        if metric.name == "portico_request_seconds"
        for sample in metric.samples
    }
    assert "other" in labels
    assert "Unheard" not in labels


def test_a_header_said_twice_is_the_list_of_what_was_said() -> None:
    said = [(b"accept", b"a"), (b"content-type", b"application/json"), (b"accept", b"b"), (b"accept", b"c")]
    assert headers_of({"headers": said}) == {b"accept": b"a, b, c", b"content-type": b"application/json"}
