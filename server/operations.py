"""Executing an operation: prepare it, send it the way it goes, answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from asyncpg import QueryCanceledError
from graphql import GraphQLError
from graphql.execution.values import VariableValues

from auth.grants import Credential
from compiler.plan import NotCompiled
from compiler.run import Compiled, Nobody, response
from resolvers.commands import Unauthenticated
from resolvers.context import Services
from server.admission import Bill, Throttled
from server.budgets import Budgets
from server.commanding import command
from server.contract import Answer, GraphQLRequest
from server.documents import (
    Documents,
    Operation,
    Prepared,
    RequestRefused,
    refused,
)
from server.errors import denied, is_outage, told
from server.execution import Execution, field_by_field, introspect
from server.limits import NODES, TooMuch
from server.metrics import COMPILED
from server.trusted import Trusted
from server.variables import coerced

NO_TRUSTED = Trusted()


class Operations:
    """Executes queries and mutations for HTTP and for sockets."""

    def __init__(
        self,
        services: Services,
        *,
        compiled: Compiled | None = None,
        trusted: Trusted = NO_TRUSTED,
        introspection: bool = True,
        shows_plans: bool = False,
    ) -> None:
        self.services = services
        self.compiled = compiled
        self.trusted = trusted
        self.documents = Documents()
        self.budgets = Budgets(services.engine, services.clock)
        self._introspection = introspection
        self.shows_plans = shows_plans

    async def execute(
        self,
        request: GraphQLRequest,
        credential: Credential | None,
        request_id: str,
        *,
        allow_mutations: bool = True,
    ) -> Answer:
        """The answer to one operation; every failure is an answer too."""
        try:
            return await self._execute(request, credential, request_id, allow_mutations=allow_mutations)
        except Throttled as refusal:
            return _throttled(refusal, request_id)
        except RequestRefused as refusal:
            return _answer(list(refusal.errors), request_id)
        except Unauthenticated as error:
            return _answer([_wrapped(error)], request_id, unauthenticated=True)
        except Exception as error:
            if not is_outage(error):
                raise
            return _answer([_wrapped(error)], request_id, unavailable=True, retry_after=1.0)

    async def _execute(
        self, request: GraphQLRequest, credential: Credential | None, request_id: str, *, allow_mutations: bool
    ) -> Answer:
        prepared = self.prepare(request, credential)
        operation = prepared.operation
        if operation.is_mutation and not allow_mutations:
            return _answer([_method_refused()], request_id, refused_method=True)
        if operation.is_subscription:
            raise refused("SUBSCRIPTION_NEEDS_SOCKET", "Subscriptions go over the WebSocket.")
        if credential is None:
            return introspect(prepared, request)
        bill = Bill(self.budgets, prepared, request.shows_cost)
        shows_plan = request.shows_plan and self.shows_plans
        execution = Execution(self.services, bill, request, credential, request_id, shows_plan)
        if operation.is_mutation:
            return await self._command(execution)
        if self.compiled is None:
            return await field_by_field(execution, "the compiled path is off")
        try:
            return await self._read(self.compiled, execution)
        except NotCompiled as reason:
            return await field_by_field(execution, reason.reason)

    def prepare(self, request: GraphQLRequest, credential: Credential | None = None) -> Prepared:
        """The document, the operation of it to run and its variables, checked against every limit."""
        text = self.trusted.text_of(request, credential)
        document = self.documents.prepare(text, introspection=self._introspection)
        operation = document.operation(request.operation_name)
        variables = coerced_variables(operation, request.variables or {})
        nodes = operation.nodes(variables)
        if nodes > NODES:
            raise RequestRefused(TooMuch("rows", nodes, NODES, operation.dearest(variables)))
        return Prepared(operation, variables)

    async def _command(self, execution: Execution) -> Answer:
        prepared = execution.prepared
        cut = prepared.operation.cut
        if cut is None:
            return await field_by_field(execution, "no plain command")
        return await command(execution, cut, self.compiled)

    async def _read(self, compiled: Compiled, execution: Execution) -> Answer:
        """The answer by one statement; NotCompiled if the query is for ordinary execution."""
        bill, prepared = execution.bill, execution.prepared
        try:
            read = await compiled.read(prepared.question, execution.credential, bill.admit)
        except Nobody:
            raise Unauthenticated from None
        except QueryCanceledError as error:
            body = {"data": None, "errors": [told(_wrapped(error), execution.request_id)]}
            return Answer(body=orjson.dumps(body), has_data=True, operation=prepared.operation.label)
        COMPILED.observe(read.statements + bill.statements)
        errors = [*denied(read.denials, read.data)] if read.body is None else []
        extensions = bill.extensions(read.decoded) or {}
        if execution.shows_plan:
            said = {"way": "compiled", "statements": read.statements, "python": read.in_python, "sql": read.sql}
            extensions = {**extensions, "plan": said}
        return Answer(body=response(read, errors, extensions), has_data=True, operation=prepared.operation.label)


def coerced_variables(operation: Operation, variables: Mapping[str, Any]) -> VariableValues:
    """The variables as their types read them. One that does not fit is a mistake of the request, not of a field."""
    values = coerced(operation.node, operation.plain, variables)
    if isinstance(values, list):
        for error in values:
            error.extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
        raise RequestRefused(*values)
    return values


def _answer(errors: list[GraphQLError], request_id: str, **said: Any) -> Answer:
    body = {"errors": [told(error, request_id) for error in errors]}
    return Answer(body=orjson.dumps(body), has_data=False, **said)


def _throttled(refusal: Throttled, request_id: str) -> Answer:
    """A refusal that says what was asked, what there is, and when to come again."""
    errors = [told(error, request_id) for error in refusal.errors]
    body = orjson.dumps({"errors": errors, "extensions": {"cost": refusal.cost}})
    return Answer(body=body, has_data=False, throttled=True, retry_after=refusal.retry_after)


def _method_refused() -> GraphQLError:
    return GraphQLError("Mutations are sent by POST.", extensions={"code": "MUTATION_NEEDS_POST"})


def _wrapped(error: Exception) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)
