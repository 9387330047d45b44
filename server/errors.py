"""How errors are told: a code, a message for people, and nothing of the inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import asyncpg
import structlog
from asyncpg import PostgresConnectionError, QueryCanceledError
from graphql import GraphQLError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from auth.actor import Forbidden
from auth.permissions import Permission
from domain.refusals import Refused
from resolvers.commands import Unauthenticated
from resolvers.context import Denials, Path
from resolvers.pages import ArgumentForbidden

log = structlog.get_logger()

_TIMED_OUT = "57014"
_OUTAGES = (PoolTimeout, InterfaceError, PostgresConnectionError, asyncpg.InterfaceError, ConnectionError)


def is_outage(error: BaseException | None) -> bool:
    """Whether the database could not be reached, or gave no connection in time."""
    if isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError):
        return False  # A value the driver cannot send is a mistake of ours, not of the network.
    if isinstance(error, _OUTAGES):
        return True
    if isinstance(error, OperationalError):
        return getattr(error.orig, "sqlstate", None) != _TIMED_OUT
    return isinstance(error, DBAPIError) and error.connection_invalidated


def told(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """One error as it is sent."""
    extensions, message = _meaning(error, request_id)
    shown: dict[str, Any] = {"message": message}
    if error.locations:
        shown["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    if error.path is not None:
        shown["path"] = error.path
    return {**shown, "extensions": {**extensions, "requestId": request_id}}


def _meaning(error: GraphQLError, request_id: str) -> tuple[Mapping[str, Any], str]:
    cause = error.original_error
    if isinstance(cause, ArgumentForbidden):
        return {"code": cause.code, "permission": cause.permission.value}, str(cause)
    if isinstance(cause, (Refused, Forbidden, Unauthenticated)):
        return {"code": cause.code, **_field(cause)}, str(cause)
    # A value that its scalar refused carries the scalar's exception, and a code since it was validated.
    if cause is None or isinstance(cause, GraphQLError) or "code" in (error.extensions or {}):
        return error.extensions or {"code": "BAD_USER_INPUT"}, error.message
    if is_outage(cause):
        return {"code": "SERVICE_UNAVAILABLE"}, "The service cannot reach its database just now."
    if isinstance(cause, QueryCanceledError) or getattr(getattr(cause, "orig", None), "sqlstate", None) == _TIMED_OUT:
        return {"code": "TIMEOUT"}, "The operation took too long."
    log.error("operation_failed", request_id=request_id, exc_info=cause)
    return {"code": "INTERNAL"}, "Something went wrong on our side. Give the requestId when you ask about it."


def _field(cause: Exception) -> dict[str, Any]:
    field = getattr(cause, "field", None)
    return {"field": field} if field else {}


def denied(denials: Denials, data: Any) -> Iterable[dict[str, Any]]:
    """One error per guarded field that was not shown: which right, where first, and how often.

    Of what an error above it made null nothing is told: how far it had come by then is chance.
    """
    left = {key: [path for path in paths if _is_there(path, data)] for key, paths in denials.paths.items()}
    found = [
        (min(paths, key=lambda path: _position(path, data)), key, len(paths)) for key, paths in left.items() if paths
    ]
    for first, (type_name, field_name, permission), count in sorted(found, key=lambda one: _position(one[0], data)):
        yield field_forbidden(type_name, field_name, permission, first, count)


def field_forbidden(type_name: str, field_name: str, permission: Permission, first: Path, count: int) -> dict[str, Any]:
    """The error that stands for all places at which one field was not shown."""
    return {
        "message": f"{type_name}.{field_name} needs the permission {permission.value} at this place.",
        "path": list(first),
        "extensions": {
            "code": "FIELD_FORBIDDEN",
            "permission": permission.value,
            "field": f"{type_name}.{field_name}",
            "count": count,
        },
    }


def _is_there(path: Path, data: Any) -> bool:
    """Whether the field at the end of a path is a part of the answer."""
    for step in path[:-1]:
        data = _within(data, step)
    return isinstance(data, dict) and path[-1] in data


def _position(path: Path, data: Any) -> tuple[int, ...]:
    """Where a path lies in the answer, in reading order."""
    where: list[int] = []
    for step in path:
        where.append(step if isinstance(step, int) else _index(data, step))
        data = _within(data, step)
    return tuple(where)


def _index(data: Any, key: str) -> int:
    keys = list(cast("dict[str, Any]", data)) if isinstance(data, dict) else []
    return keys.index(key) if key in keys else -1


def _within(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None
