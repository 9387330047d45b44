"""How a query is answered for somebody: the statement it becomes, and what PostgreSQL does for it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
from psycopg import AsyncConnection as Driver
from psycopg.sql import SQL, Literal
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from auth import sessions
from auth.actor import system_actor
from auth.grants import Credential, load_actor
from compiler.compile import compile_query
from compiler.parameters import Call
from compiler.plan import NotCompiled, Plan
from compiler.shape import standing_of
from domain.refusals import Invalid, Refused
from models import SessionKind
from models.database import READER_ROLE, writing
from resolvers.commands import Unauthenticated
from server.documents import Documents, RequestRefused
from server.office import Office, user_named
from server.operations import coerced_variables

_NAME = "portico_explain"
# As on the connections of the compiled read path.
_SETTINGS = (
    f"set local role {READER_ROLE}",
    "set local plan_cache_mode = force_generic_plan",
    "set local jit = off",
)


class NoPlan(Refused):
    """The query is executed field by field."""

    code = "NOT_COMPILED"


@dataclass(frozen=True)
class Query:
    """A document with one query, and its variables."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])


def query_of(document: str, variables: str) -> Query:
    """A query from two texts, as the command line gives them."""
    try:
        given = orjson.loads(variables)
    except orjson.JSONDecodeError as error:
        raise Invalid("The variables are not valid JSON.", code="BAD_USER_INPUT") from error
    return Query(document, given)


async def explain(engine: AsyncEngine, secret: bytes, query: Query, credential: Credential) -> str:
    """The statement for whoever the credential stands for, and EXPLAIN (ANALYZE, BUFFERS) of it."""
    async with writing(engine, credential.tenant_id) as session:
        return await _explained(await session.connection(), secret, query, credential)


async def explain_as(office: Office, secret: bytes, query: Query, email: str, slug: str | None) -> str:
    """The same for a user who need not be signed in: their session ends with the transaction and is never seen."""
    tenant = await office.tenant_of(email, slug)
    async with writing(office.engine, tenant) as session:
        user = await user_named(session, system_actor(tenant), email)
        credential = await _signed_in(session, tenant, user.id)
        return await _explained(await session.connection(), secret, query, credential)


async def _signed_in(session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID) -> Credential:
    token = await sessions.open_session(
        session,
        tenant_id=tenant,
        user_id=user,
        kind=SessionKind.TOKEN,
        label=None,
        now=datetime.now(UTC),
        lifetime=timedelta(minutes=5),
    )
    await session.flush()
    credential = sessions.read_token(token)
    assert credential is not None
    return credential


async def _explained(connection: AsyncConnection, secret: bytes, query: Query, credential: Credential) -> str:
    plan, arguments = await _planned(connection, secret, query, credential)
    driver = cast("Driver[Any]", (await connection.get_raw_connection()).driver_connection)
    for setting in _SETTINGS:
        await connection.execute(text(setting))
    return f"{plan.sql}\n\n{await _analyzed(driver, plan.sql, arguments)}"


async def _planned(
    connection: AsyncConnection, secret: bytes, query: Query, credential: Credential
) -> tuple[Plan, list[Any]]:
    actor = await load_actor(connection, credential)
    if actor is None:
        raise Unauthenticated
    standing = standing_of(actor)
    try:
        document = Documents().prepare(query.document, introspection=False)
        operation = document.operation(None)
        variables = coerced_variables(operation, query.variables)
        plan = compile_query(operation.node, document.meter.fragments, variables, standing.shape)
        return plan, plan.arguments(Call(credential, standing, variables, secret))
    except NotCompiled as error:
        raise NoPlan(f"This query is executed field by field: {error.reason}.") from error
    except RequestRefused as error:
        raise Invalid(str(error), code=str((error.errors[0].extensions or {}).get("code"))) from error


async def _analyzed(driver: Driver[Any], statement: str, arguments: Sequence[Any]) -> str:
    """Prepared first: only so is it planned as it is when it serves, without looking at the arguments."""
    await driver.execute(f"prepare {_NAME} as {statement}".encode())
    given = SQL(", ").join(Literal(_plain(one)) for one in arguments)
    run = SQL("explain (analyze, buffers) execute {}({})").format(SQL(_NAME), given)
    lines = await (await driver.execute(run)).fetchall()
    await driver.execute(f"deallocate {_NAME}".encode())
    return "\n".join(line for (line,) in lines)


def _plain(value: Any) -> Any:
    """A tuple would be written as a row."""
    return list(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
