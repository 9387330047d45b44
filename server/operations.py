"""Executing an operation: prepare, open a snapshot, run, answer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import orjson
from asyncpg import QueryCanceledError
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,  # pyright: ignore[reportUnknownVariableType]
)
from graphql.execution import get_variable_values
from graphql.execution.values import VariableValues

from auth.grants import Credential
from compiler.plan import NotCompiled
from compiler.run import Compiled, Nobody, Question, response
from resolvers.commands import Unauthenticated
from resolvers.context import Context, Services
from schema.root import graphql_schema
from server.contract import Answer, GraphQLRequest
from server.documents import (
    Document,
    Documents,
    RequestRefused,
    is_mutation,
    is_subscription,
    refused,
)
from server.errors import denied, is_outage, told
from server.limits import TooMuch, check_nodes
from server.metrics import STATEMENTS
from server.views import SnapshotView


class Prepared(NamedTuple):
    """A request that can be executed."""

    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues

    @property
    def name(self) -> str:
        """The operation's name, for logs and metrics."""
        return self.operation.name.value if self.operation.name else "anonymous"


class Operations:
    """Executes queries and mutations for HTTP and for sockets."""

    def __init__(self, services: Services, *, compiled: Compiled | None = None, introspection: bool = True) -> None:
        self.services = services
        self.compiled = compiled
        self.documents = Documents()
        self._introspection = introspection

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
        prepared = self.prepare(request)
        if is_mutation(prepared.operation) and not allow_mutations:
            return _answer([_method_refused()], request_id, refused_method=True)
        if is_subscription(prepared.operation):
            raise refused("SUBSCRIPTION_NEEDS_SOCKET", "Subscriptions go over the WebSocket.")
        if credential is None:
            return await _introspect(prepared, request)
        if self.compiled is not None and prepared.operation.operation is OperationType.QUERY:
            with suppress(NotCompiled):
                return await self._read(self.compiled, prepared, credential, request_id)
        return await self._run(prepared, request, credential, request_id)

    def prepare(self, request: GraphQLRequest) -> Prepared:
        """The document, the operation of it to run and its variables, checked against every limit."""
        if not request.query:
            raise refused("QUERY_MISSING", "The request has no query.")
        document = self.documents.prepare(request.query, introspection=self._introspection)
        operation = document.operation(request.operation_name)
        variables = coerced_variables(operation, request.variables or {})
        try:
            check_nodes(document.meter, operation, variables.coerced)
        except TooMuch as error:
            raise RequestRefused(error) from error
        return Prepared(document, operation, variables)

    async def _read(self, compiled: Compiled, prepared: Prepared, credential: Credential, request_id: str) -> Answer:
        """The answer by one statement; NotCompiled if the query is for ordinary execution."""
        document, operation, variables = prepared
        question = Question(document.text, operation, document.meter.fragments, variables)
        try:
            read = await compiled.read(question, credential)
        except Nobody:
            raise Unauthenticated from None
        except QueryCanceledError as error:
            body = {"data": None, "errors": [told(_wrapped(error), request_id)]}
            return Answer(body=orjson.dumps(body), has_data=True, operation=prepared.name)
        STATEMENTS.observe(read.statements)
        errors = [*denied(read.denials, read.data)]
        return Answer(body=response(read, errors), has_data=True, operation=prepared.name)

    async def _run(
        self, prepared: Prepared, request: GraphQLRequest, credential: Credential, request_id: str
    ) -> Answer:
        view = SnapshotView(self.services, credential)
        try:
            context = await view.open(request_id)
            body = await run(prepared.document, prepared.operation, request.variables, context)
        finally:
            await view.close()
            STATEMENTS.observe(view.statements)
        return Answer(body=orjson.dumps(body), has_data=True, operation=prepared.name)


async def _introspect(prepared: Prepared, request: GraphQLRequest) -> Answer:
    """What is said without asking who asks: the names of the schema, which is public, and nothing else."""
    if not prepared.document.asks_schema_only(prepared.operation):
        raise Unauthenticated
    result = execute(
        graphql_schema(),
        prepared.document.ast,
        variable_values=dict(request.variables or {}),
        operation_name=request.operation_name,
        hide_suggestions=True,
    )
    assert isinstance(result, ExecutionResult)
    return Answer(body=orjson.dumps(result.formatted), has_data=True, operation=prepared.name)


async def run(
    document: Document,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    context: Context,
    root: Any = None,
) -> dict[str, Any]:
    """The response of one operation in one context, with every error told."""
    result = execute(
        graphql_schema(),
        document.ast,
        root_value=root,
        context_value=context,
        variable_values=dict(variables or {}),
        operation_name=operation.name.value if operation.name else None,
        hide_suggestions=True,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    _raise_if_lost(result)
    errors = [told(error, context.request_id) for error in result.errors or ()]
    errors += denied(context.denials, result.data)
    return {"data": result.data, **({"errors": errors} if errors else {})}


def _raise_if_lost(result: ExecutionResult) -> None:
    """A database that went away in the middle is an outage of the whole answer, not of one field."""
    for error in result.errors or ():
        cause = error.original_error
        if cause is not None and (isinstance(cause, Unauthenticated) or is_outage(cause)):
            raise cause


def coerced_variables(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> VariableValues:
    """The variables as their types read them. One that does not fit is a mistake of the request, not of a field."""
    coerced = get_variable_values(
        graphql_schema(),
        operation.variable_definitions or (),
        dict(variables),
        max_errors=10,
        hide_suggestions=True,
    )
    if isinstance(coerced, list):
        for error in coerced:
            error.extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
        raise RequestRefused(*coerced)
    return coerced


def _answer(errors: list[GraphQLError], request_id: str, **said: Any) -> Answer:
    body = {"errors": [told(error, request_id) for error in errors]}
    return Answer(body=orjson.dumps(body), has_data=False, **said)


def _method_refused() -> GraphQLError:
    return GraphQLError("Mutations are sent by POST.", extensions={"code": "MUTATION_NEEDS_POST"})


def _wrapped(error: Exception) -> GraphQLError:
    return GraphQLError(str(error), original_error=error)
