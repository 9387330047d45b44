"""Reading a JSON body that may be anything: too big, too slow, cut off, of another type, or built to hurt a parser."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any, cast

import orjson
from starlette.types import Receive, Scope

from server.replies import Refusal
from server.tracing import headers_of

LIMIT = 100_000
DEEPEST = 40
SECONDS = 10.0
_JSON_TYPE = re.compile(
    rb'application/json(?:[ \t]*;[ \t]*charset[ \t]*=[ \t]*(?:utf-8|"utf-8"))?[ \t]*', re.IGNORECASE
)
_ESCAPED_NUL = b"\\u0000"


class NotJson(Refusal):
    """The body, or a parameter that should hold JSON, cannot be used."""

    def __init__(self, message: str, code: str = "BAD_REQUEST") -> None:
        super().__init__(400, code, message)


def require_json(scope: Scope) -> None:
    """Refuse every content type but JSON: the others are those a form of another site can send."""
    headers = headers_of(scope)
    encoded = headers.get(b"content-encoding", b"identity") != b"identity"
    if encoded or not _is_json(headers.get(b"content-type", b"")):
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json in UTF-8, not compressed.")


def _is_json(content_type: bytes) -> bool:
    return content_type == b"application/json" or _JSON_TYPE.fullmatch(content_type.strip()) is not None


async def read_json(scope: Scope, receive: Receive, *, limit: int = LIMIT, seconds: float = SECONDS) -> dict[str, Any]:
    """The JSON object a request carries."""
    require_json(scope)
    return parsed_object(await read_body(scope, receive, limit=limit, seconds=seconds))


async def read_body(scope: Scope, receive: Receive, *, limit: int = LIMIT, seconds: float = SECONDS) -> bytes:
    """The body of a request, if it is neither too large nor too slow."""
    try:
        async with asyncio.timeout(seconds):
            return await whole_body(scope, receive, limit)
    except TimeoutError:
        raise too_slow() from None


async def whole_body(scope: Scope, receive: Receive, limit: int = LIMIT) -> bytes:
    """The body of a request, if it is not too large, for those who watch the clock themselves."""
    if _announced(scope) > limit:
        raise _too_large(limit)
    return await _read(receive, limit)


def too_slow() -> Refusal:
    """The body took longer than its time."""
    return Refusal(408, "REQUEST_TIMEOUT", "The body did not arrive in time.", ((b"connection", b"close"),))


def _announced(scope: Scope) -> int:
    """The length the head announces; 0 if none, for then only reading tells."""
    given = headers_of(scope).get(b"content-length", b"0")
    return int(given) if given.isdigit() and len(given) < 19 else LIMIT * LIMIT


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise NotJson("The body was cut off.")
        parts.append(message.get("body", b""))
        size, more = size + len(parts[-1]), message.get("more_body", False)
        if size > limit:
            raise _too_large(limit)
    return b"".join(parts)


def _too_large(limit: int) -> Refusal:
    message = f"The body may have {limit} bytes at most."
    return Refusal(413, "PAYLOAD_TOO_LARGE", message, ((b"connection", b"close"),))


def parsed_object(body: bytes) -> dict[str, Any]:
    """The object ``body`` holds; strict about encoding, depth, numbers, NUL and names said twice."""
    if not body.strip():
        raise NotJson("The body is empty.")
    content = _parsed(body)
    if isinstance(content, list):
        raise NotJson("Send one operation per request.", "BATCHING_NOT_SUPPORTED")
    if not isinstance(content, dict):
        raise NotJson("The body must be a JSON object.")
    # What is written again just as it came, as most clients send it, says nothing twice.
    if orjson.dumps(content) != body:
        _refuse_names_said_twice(body)
    return cast("dict[str, Any]", content)


def _parsed(body: bytes) -> object:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotJson("The body is not valid JSON in UTF-8.") from None
    # Both need a look at every value, so they are looked for only where they can be at all.
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(content) > DEEPEST:
        raise NotJson(f"The JSON may be nested {DEEPEST} deep at most.")
    if _ESCAPED_NUL in body and any("\0" in text for text in _texts(content)):
        raise NotJson("Texts may not contain the character NUL.")
    return content


def _depth(content: object) -> int:
    depth, level = 0, [content]
    while level := [child for parent in level for child in _children(parent)]:
        depth += 1
    return depth


def _texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
        return
    if isinstance(content, dict):
        yield from cast("dict[str, Any]", content)
    for child in _children(cast("object", content)):
        yield from _texts(child)


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []


def _refuse_names_said_twice(body: bytes) -> None:
    """What is said twice may be read differently by whatever stood before us and by us."""
    try:
        # Numbers stay text: their value was judged already, and thousands of digits cost more than they are worth.
        json.loads(body, object_pairs_hook=_unique, parse_int=str, parse_float=str)
    except _Twice:
        raise NotJson("A name is said twice in one object.") from None


class _Twice(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _Twice
