"""GraphQL over HTTP: from a request to an operation, and from its answer to a response."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.types import Receive, Scope, Send

from auth.grants import Credential
from server.bodies import SECONDS, NotJson, parsed_object, read_json, require_json, too_slow, whole_body
from server.contract import EVENTS, Answer, Executor, GraphQLRequest, Streaming
from server.errors import is_outage
from server.origins import Origins
from server.replies import NO_STORE, Header, Refusal, Reply, internal, method_refused, unavailable
from server.tracing import Trace, headers_of, trace_of
from server.watch import Watch

log = structlog.get_logger()

CURRENT = b"application/graphql-response+json"
LEGACY = b"application/json"
_ASKED = ((b"portico-cost", "shows_cost"), (b"portico-plan", "shows_plan"))
BUDGET = 10.0
_MEMBERS = {"query": str, "variables": dict, "operationName": str, "extensions": dict, "documentId": str}
"""Of a request, and of what type they are; in the order of ``GraphQLRequest``."""
_LONGEST_QUERY_STRING = 16_384
_VARY: Header = (b"vary", b"Accept")


class GraphQLEndpoint:
    """The ASGI application at /graphql for HTTP; times are in seconds."""

    def __init__(
        self,
        executor: Executor,
        origins: Origins,
        *,
        budget: float = BUDGET,
        body_seconds: float = SECONDS,
        saw: Callable[[Credential], None] = lambda _: None,
        streams: Streaming | None = None,
    ) -> None:
        self._streams = streams
        self._saw = saw
        self._executor = executor
        self._origins = origins
        self._budget = budget
        self._body_seconds = body_seconds
        self._watch = Watch()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever came."""
        trace = trace_of(scope)
        media_type = LEGACY
        try:
            media_type = negotiated(scope)
            if media_type == EVENTS:
                media_type = LEGACY
                await self._stream(scope, receive, send)
                return
            reply = await self._reply(scope, receive, trace, media_type)
        except Refusal as refusal:
            reply = refusal.graphql(trace.request_id, _with_charset(media_type))
        except Exception as error:  # (What escapes the executor is a mistake of ours or an outage.)
            if trace.status:
                raise
            reply = _masked(error, trace, media_type)
        await reply.send(send)

    async def _reply(self, scope: Scope, receive: Receive, trace: Trace, media_type: bytes) -> Reply:
        method = scope["method"]
        if method not in {"GET", "POST"}:
            raise method_refused("GET", "POST")
        credential = self._origins.credential(scope)
        if method == "POST":
            require_json(scope)
        request = request_in_url(scope["query_string"]) if method == "GET" else None
        answer = await self._answer(request, credential, trace, scope, receive)
        trace.operation = answer.operation
        if credential is not None and not answer.unauthenticated:
            self._saw(credential)
        return reply_to(answer, media_type)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one operation as a stream of events; what cannot be begun is refused as any request is."""
        if self._streams is None:
            raise Refusal(406, "NOT_ACCEPTABLE", "Responses cannot be streamed here.")
        if scope["method"] != "POST":
            raise method_refused("POST")
        credential = self._origins.credential(scope)
        request = request_of(await read_json(scope, receive, seconds=self._body_seconds))
        stream = await self._streams.open(scope, receive, credential)
        await stream.stream(request, send)

    async def _answer(
        self,
        request: GraphQLRequest | None,
        credential: Credential | None,
        trace: Trace,
        scope: Scope,
        receive: Receive,
    ) -> Answer:
        """The answer to a request, or to the one that is still to come as the body; one clock for both, set anew."""
        reads_only = request is not None
        span = self._watch.within(self._body_seconds)
        try:
            with span:
                request = request or request_of(parsed_object(await whole_body(scope, receive)))
                span.renew(self._budget)
                request = _asking(scope, request)
                return await self._executor.execute(
                    request, credential, trace.request_id, allow_mutations=not reads_only
                )
        except TimeoutError:
            if not span.expired:
                raise
            if request is None:
                raise too_slow() from None
            raise Refusal(504, "TIMEOUT", f"The operation took longer than {self._budget:g} seconds.") from None


def _asking(scope: Scope, request: GraphQLRequest) -> GraphQLRequest:
    """The request with what its headers ask to be told beside the data."""
    headers = headers_of(scope)
    asked = {member: True for name, member in _ASKED if headers.get(name) == b"1"}
    return request._replace(**asked) if asked else request


def reply_to(answer: Answer, media_type: bytes) -> Reply:
    """The response an answer becomes."""
    if answer.has_data:
        return Reply(200, answer.body, _headers(media_type))
    headers = [*_headers(media_type)]
    if answer.unauthenticated:
        headers.append((b"www-authenticate", b"Bearer"))
    if answer.refused_method:
        headers.append((b"allow", b"POST"))
    if answer.unavailable or answer.throttled:
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(answer.retry_after or 1))))
    return Reply(_status(answer, media_type), answer.body, tuple(headers))


@cache
def _headers(media_type: bytes) -> tuple[Header, ...]:
    return (b"content-type", _with_charset(media_type)), NO_STORE, _VARY


def _status(answer: Answer, media_type: bytes) -> int:
    """The status of an answer without data."""
    if answer.unauthenticated:
        return 401
    if answer.unavailable:
        return 503
    if answer.refused_method:
        return 405
    if answer.throttled and media_type == CURRENT:
        return 429
    # Those who asked for plain JSON may be clients that read the errors of a 200 only.
    return 200 if media_type == LEGACY else 400


def _masked(error: Exception, trace: Trace, media_type: bytes) -> Reply:
    refusal = unavailable() if is_outage(error) else internal()
    log.error("operation_failed", code=refusal.code, exc_info=error)
    if media_type == LEGACY and refusal.status == 500:
        refusal.status = 200
    return refusal.graphql(trace.request_id, _with_charset(media_type))


def request_of(content: dict[str, Any]) -> GraphQLRequest:
    """The operation a JSON object asks for; members that are not part of GraphQL over HTTP are passed over."""
    for member, kind in _MEMBERS.items():
        value = content.get(member)
        if value is not None and type(value) is not kind:
            raise NotJson(f"The member {member} must be {'an object' if kind is dict else 'a string'}.")
    query, variables, name, extensions, trusted = map(content.get, _MEMBERS)
    if not query and not trusted and not extensions:
        raise NotJson("The request has no query.", "QUERY_MISSING")
    return GraphQLRequest(query, variables, name, extensions, trusted)


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
    chosen = _chosen(headers_of(scope).get(b"accept", b"")[:1024])
    if chosen is None:
        raise Refusal(406, "NOT_ACCEPTABLE", "Responses are application/graphql-response+json or application/json.")
    return chosen


@lru_cache(maxsize=256)
def _chosen(accept: bytes) -> bytes | None:
    ranked = _ranked(accept.lower().decode("latin-1")) or {"*/*": 1.0}
    wide = ranked.get("application/*", ranked.get("*/*", 0.0))
    current, legacy = ranked.get(CURRENT.decode(), 0.0), ranked.get(LEGACY.decode(), wide)
    # Many clients name it with every request; a stream is for those who would rather have it than a whole answer.
    if ranked.get(EVENTS.decode(), 0.0) > max(current, ranked.get(LEGACY.decode(), 0.0)):
        return EVENTS
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
