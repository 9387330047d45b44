"""GraphQL over HTTP: from a request to an operation, and from its answer to a response."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.types import Receive, Scope, Send

from auth.grants import Credential
from server.bodies import SECONDS, NotJson, parsed_object, read_json
from server.contract import Answer, Executor, GraphQLRequest
from server.errors import is_outage
from server.origins import Origins
from server.replies import NO_STORE, Header, Refusal, Reply, internal, method_refused, unavailable
from server.tracing import Trace, trace_of

log = structlog.get_logger()

CURRENT = b"application/graphql-response+json"
LEGACY = b"application/json"
BUDGET = 10.0
_MEMBERS = ("query", "variables", "operationName", "extensions")
_LONGEST_QUERY_STRING = 16_384
_VARY: Header = (b"vary", b"Accept")


class GraphQLEndpoint:
    """The ASGI application at /graphql for HTTP; times are in seconds."""

    def __init__(
        self, executor: Executor, origins: Origins, *, budget: float = BUDGET, body_seconds: float = SECONDS
    ) -> None:
        self._executor = executor
        self._origins = origins
        self._budget = budget
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever came."""
        trace = trace_of(scope)
        media_type = LEGACY
        try:
            media_type = negotiated(scope)
            reply = await self._reply(scope, receive, trace, media_type)
        except Refusal as refusal:
            reply = refusal.graphql(trace.request_id, _with_charset(media_type))
        except Exception as error:  # noqa: BLE001  (What escapes the executor is a mistake of ours or an outage.)
            reply = _masked(error, trace, media_type)
        await reply.send(send)

    async def _reply(self, scope: Scope, receive: Receive, trace: Trace, media_type: bytes) -> Reply:
        method = scope["method"]
        if method not in {"GET", "POST"}:
            raise method_refused("GET", "POST")
        credential = self._origins.credential(scope)
        if method == "GET":
            request = request_in_url(scope["query_string"])
        else:
            request = request_of(await read_json(scope, receive, seconds=self._body_seconds))
        answer = await self._answer(request, credential, trace, reads_only=method == "GET")
        trace.operation = answer.operation
        return reply_to(answer, media_type)

    async def _answer(
        self, request: GraphQLRequest, credential: Credential | None, trace: Trace, *, reads_only: bool
    ) -> Answer:
        budget = asyncio.timeout(self._budget)
        try:
            async with budget:
                return await self._executor.execute(
                    request, credential, trace.request_id, allow_mutations=not reads_only
                )
        except TimeoutError:
            if not budget.expired():
                raise
            raise Refusal(504, "TIMEOUT", f"The operation took longer than {self._budget:g} seconds.") from None


def reply_to(answer: Answer, media_type: bytes) -> Reply:
    """The response an answer becomes."""
    headers = [(b"content-type", _with_charset(media_type)), NO_STORE, _VARY]
    if answer.unauthenticated:
        headers.append((b"www-authenticate", b"Bearer"))
    if answer.refused_method:
        headers.append((b"allow", b"POST"))
    if answer.unavailable:
        headers.append((b"retry-after", b"%d" % max(1, round(answer.retry_after or 1))))
    return Reply(_status(answer, media_type), answer.body, tuple(headers))


def _status(answer: Answer, media_type: bytes) -> int:
    if answer.unauthenticated:
        return 401
    if answer.unavailable:
        return 503
    if answer.refused_method:
        return 405
    # Those who asked for plain JSON may be clients that read the errors of a 200 only.
    return 200 if answer.has_data or media_type == LEGACY else 400


def _masked(error: Exception, trace: Trace, media_type: bytes) -> Reply:
    refusal = unavailable() if is_outage(error) else internal()
    log.error("operation_failed", code=refusal.code, exc_info=error)
    if media_type == LEGACY and refusal.status == 500:
        refusal.status = 200
    return refusal.graphql(trace.request_id, _with_charset(media_type))


def request_of(content: dict[str, Any]) -> GraphQLRequest:
    """The operation a JSON object asks for; members that are not part of GraphQL over HTTP are passed over."""
    query, variables, name, extensions = (content.get(member) for member in _MEMBERS)
    _require("query", query, str)
    _require("variables", variables, dict)
    _require("operationName", name, str)
    _require("extensions", extensions, dict)
    if not query and not extensions:
        raise NotJson("The request has no query.", "QUERY_MISSING")
    return GraphQLRequest(query, variables, name, extensions)


def _require(member: str, value: object, kind: type) -> None:
    if value is not None and not isinstance(value, kind):
        raise NotJson(f"The member {member} must be {'an object' if kind is dict else 'a string'}.")


def request_in_url(query_string: bytes) -> GraphQLRequest:
    """The operation a URL asks for."""
    if len(query_string) > _LONGEST_QUERY_STRING:
        raise Refusal(414, "URI_TOO_LONG", "Send long operations by POST.")
    content: dict[str, Any] = dict(_parameters(query_string))
    for member in ("variables", "extensions"):
        given = content.pop(member, "")
        if given:
            content[member] = parsed_object(given.encode())
    return request_of(content)


def _parameters(query_string: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise NotJson("The URL's parameters are not valid UTF-8.") from None
    known = [(name, value) for name, value in pairs if name in _MEMBERS]
    if len(dict(known)) != len(known):
        raise NotJson("A parameter is said twice.")
    if any("\0" in value for _, value in known):
        raise NotJson("Texts may not contain the character NUL.")
    return [(name, value) for name, value in known if value or name == "query"]


def negotiated(scope: Scope) -> bytes:
    """The media type of the response: the current one for those who ask for it, else plain JSON."""
    given = b",".join(value for name, value in scope["headers"] if name == b"accept")
    chosen = _chosen(given[:1024])
    if chosen is None:
        raise Refusal(406, "NOT_ACCEPTABLE", "Responses are application/graphql-response+json or application/json.")
    return chosen


@lru_cache(maxsize=256)
def _chosen(accept: bytes) -> bytes | None:
    ranked = _ranked(accept.lower().decode("latin-1")) or {"*/*": 1.0}
    wide = ranked.get("application/*", ranked.get("*/*", 0.0))
    current, legacy = ranked.get(CURRENT.decode(), 0.0), ranked.get(LEGACY.decode(), wide)
    # A wildcard is no wish for the current type: clients that know it name it.
    if current > 0 and current >= legacy:
        return CURRENT
    return LEGACY if legacy > 0 else None


def _ranked(accept: str) -> dict[str, float]:
    """How much each media range of an Accept header is wanted, from 0 (not at all) to 1."""
    ranked: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if kind:
            quality = _quality(parameters) if _is_utf8(parameters) else 0.0
            ranked[kind] = max(ranked.get(kind, 0.0), quality)
    return ranked


def _is_utf8(parameters: list[str]) -> bool:
    charsets = [one.partition("=")[2].strip(' "') for one in parameters if one.startswith("charset")]
    return all(one in {"utf-8", "utf8"} for one in charsets)


def _quality(parameters: list[str]) -> float:
    given = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return min(max(float(given), 0.0), 1.0)
    except ValueError:
        return 0.0


def _with_charset(media_type: bytes) -> bytes:
    return media_type + b"; charset=utf-8"
