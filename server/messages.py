"""The messages of graphql-transport-ws as they come in: well formed, or the end of the socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import orjson

from auth.grants import Credential
from auth.sessions import read_token
from server.allowance import Closed
from server.bodies import NotJson, parsed_object
from server.contract import GraphQLRequest

LONGEST_ID = 128
Message = Mapping[str, Any]


def _body(code: str, message: str) -> bytes:
    return orjson.dumps({"data": None, "errors": [{"message": message, "extensions": {"code": code}}]})


WITHHELD = _body(
    "RESULT_WITHHELD",
    "The command was carried out. Your rights changed meanwhile, so its result is not shown.",
)
"""The answer to a command whose sender may no longer see what came of it."""
UNAVAILABLE = _body("SERVICE_UNAVAILABLE", "The service cannot tell just now what you may see.")
"""The answer to a query while this process does not hear of changes of rights."""


def message_of(text: str | None) -> Message:
    """The message in a text frame: an object with a type, read as strictly as the body of a request."""
    try:
        message = parsed_object(text.encode()) if text is not None else None
    except NotJson:
        message = None
    if message is None or not isinstance(message.get("type"), str):
        raise Closed(4400, "Invalid message")
    return message


def operation_id(message: Message) -> str:
    """The id a client gives its operation."""
    id = message.get("id")
    if not isinstance(id, str) or not 1 <= len(id) <= LONGEST_ID:
        raise Closed(4400, "Invalid operation id")
    return id


def request_of(message: Message) -> GraphQLRequest:
    """The operation a subscribe message asks for."""
    payload = _object(message.get("payload"))
    query, trusted = (None, None) if payload is None else (payload.get("query"), payload.get("documentId"))
    if payload is None or not isinstance(query, str | None) or not isinstance(trusted, str | None):
        raise Closed(4400, "Invalid subscribe payload")
    if query is None and trusted is None:
        raise Closed(4400, "Invalid subscribe payload")
    variables, name, extensions = (payload.get(one) for one in ("variables", "operationName", "extensions"))
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Closed(4400, "Invalid subscribe payload")
    if not isinstance(extensions, dict | None):
        raise Closed(4400, "Invalid subscribe payload")
    return GraphQLRequest(query, _object(variables), name, _object(extensions), document_id=trusted)


def presented(message: Message) -> Credential | None:
    """A bearer token in the payload of connection_init, for clients without cookies."""
    given = message.get("payload")
    payload = {} if given is None else _object(given)
    if payload is None:
        raise Closed(4400, "Invalid connection_init payload")
    authorization = payload.get("authorization") or payload.get("Authorization")
    if not isinstance(authorization, str):
        return None
    kind, _, token = authorization.partition(" ")
    credential = read_token(token) if kind.lower() == "bearer" else None
    if credential is None:
        raise Closed(4401, "Unauthorized")
    return credential


def _object(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
