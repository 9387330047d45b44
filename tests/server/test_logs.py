"""A line for every request, and in no line a secret, an address or a value."""

import io
import json
import logging
from collections.abc import Callable, Generator
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError
from starlette.types import Message, Receive, Scope, Send

from server.edge import Edge
from server.logs import HIDDEN, configure, redact
from server.replies import Reply
from server.settings import Settings
from server.tracing import trace_of

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Generator[Lines]:
    """Configures logs as JSON, and gives the lines written since."""
    root = logging.getLogger()
    before, configured = (root.handlers, root.level), structlog.get_config()
    stream = io.StringIO()
    configure(Settings(log_format="json"), stream)  # type: ignore[arg-type]
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before
    structlog.configure(**configured)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"password": "x", "token_hash": "x", "Authorization": "x"}, HIDDEN),
        ({"set_cookie": "x", "database_url": "x", "email": "x", "variables": {"a": 1}, "query": "{ a }"}, HIDDEN),
        ({"said": "Bearer abc.def-ghi"}, f"Bearer {HIDDEN}"),
        ({"said": "portico=abcdef; a=b"}, f"portico={HIDDEN}; a=b"),
        ({"said": "postgresql://me:word@db/portico"}, f"postgresql://{HIDDEN}@db/portico"),
        ({"said": "ada.b+c@mail.example wrote"}, f"{HIDDEN} wrote"),
        ({"said": "a" * 64}, HIDDEN),
        ({"said": "two\nlines \x1b[31m"}, "two\\nlines \\x1b[31m"),
        ({"said": 7}, 7),
        ({"said": ["ada@mail.example"]}, [HIDDEN]),
        ({"said": {"inner": {"secret": 1, "kept": None}}}, {"inner": {"secret": HIDDEN, "kept": None}}),
    ],
)
def test_redaction(event: dict[str, Any], expected: Any) -> None:
    assert set(map(str, redact(None, "info", event).values())) == {str(expected)}


def lose_the_database(*_: Any) -> None:
    try:
        int("secret")
    except ValueError as error:
        raise OperationalError("select 'secret'", {"a": "secret"}, error) from error


def test_an_exception_says_where_and_what_but_no_value(written: Lines) -> None:
    try:
        lose_the_database()
    except OperationalError:
        structlog.get_logger().exception("operation_failed")
    (line,) = written()
    assert line["exception"].startswith("sqlalchemy.exc.OperationalError\n  tests/server/test_logs.py:")
    assert "builtins.ValueError\n" in line["exception"]
    assert "secret" not in json.dumps(line)


def test_lines_of_libraries_have_the_same_shape(written: Lines) -> None:
    try:
        int("secret")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Failed for %s", "ada@mail.example")
    logging.getLogger("uvicorn.access").info("GET /?token=secret")
    (line,) = written()
    assert line["event"] == f"Failed for {HIDDEN}"
    assert (line["level"], line["logger"]) == ("error", "uvicorn.error")
    assert line["exception"].startswith("builtins.ValueError\n")
    assert "secret" not in json.dumps(line)


async def observe(inner: Callable[[Scope, Receive, Send], Any], path: str = "/graphql") -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"token=secret",
        "headers": [(b"x-request-id", b"request-1"), (b"cookie", b"portico=secret")],
    }
    await Edge(inner)(scope, None, send)  # type: ignore[arg-type]
    return sent


async def test_a_request_is_one_line(written: Lines) -> None:
    async def inner(scope: Scope, _receive: Receive, send: Send) -> None:
        trace_of(scope).operation = "Reports"
        structlog.get_logger().info("inside")
        await Reply(200, b"{}").send(send)

    start, _ = await observe(inner)
    assert (b"x-request-id", b"request-1") in start["headers"]
    inside, line = written()
    assert inside["request_id"] == line["request_id"] == "request-1"
    assert set(line) == {"event", "level", "timestamp", "request_id", "method", "path", "operation", "status", "ms"}
    assert (line["event"], line["path"], line["operation"], line["status"]) == ("request", "/graphql", "Reports", 200)


def be_mistaken(*_: Any) -> None:
    raise RuntimeError("secret")


@pytest.mark.parametrize(
    ("failing", "status", "code"),
    [(be_mistaken, 500, "INTERNAL"), (lose_the_database, 503, "SERVICE_UNAVAILABLE")],
)
async def test_what_was_not_caught_is_masked_and_logged_once(
    written: Lines, failing: Callable[..., Any], status: int, code: str
) -> None:
    start, body = await observe(failing)
    assert start["status"] == status
    assert json.loads(body["body"])["error"].items() >= {"code": code, "requestId": "request-1"}.items()
    failed, line = written()
    assert (failed["event"], failed["code"], failed["request_id"]) == ("request_failed", code, "request-1")
    assert line["status"] == status
    assert "secret" not in json.dumps(written())


async def test_half_an_answer_is_left_alone(written: Lines) -> None:
    async def inner(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    assert [message["type"] for message in await observe(inner)] == ["http.response.start"]
    assert written()[0]["event"] == "request_failed"


async def test_assets_and_health_are_no_news(written: Lines) -> None:
    async def inner(_scope: Scope, _receive: Receive, send: Send) -> None:
        await Reply(200).send(send)

    await observe(inner, "/health/ready")
    await observe(inner, "/assets/a.js")
    assert written() == []


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, configured = (root.handlers, root.level), structlog.get_config()
    configure(Settings())
    structlog.get_logger().info("request", path="/a\nrequest path=/b", status=200)
    root.handlers, root.level = before
    structlog.configure(**configured)
    (line,) = capsys.readouterr().err.splitlines()
    assert "path='/a" in line
