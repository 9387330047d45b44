"""Executing an operation: prepare, open a snapshot, run, answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from asyncpg import QueryCanceledError
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,  # pyright: ignore[reportUnknownVariableType]
)
from graphql.execution.values import VariableValues

from auth.grants import Credential
from compiler.plan import NotCompiled
from compiler.run import Compiled, Nobody, Question, response
from resolvers.commands import Unauthenticated
from resolvers.context import Context, Services
from schema.root import graphql_schema
from server.admission import Bill, Throttled, check_fields
from server.budgets import Budgets
from server.contract import Answer, GraphQLRequest
from server.documents import (
    Document,
    Documents,
    Prepared,
    RequestRefused,
    is_mutation,
    is_subscription,
    refused,
)
from server.errors import denied, is_outage, told
from server.limits import TooMuch, check_nodes
from server.metrics import COMPILED, FIELD_BY_FIELD, STATEMENTS
from server.trusted import Trusted
from server.variables import Plain, coerced
from server.views import SnapshotView

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
        if is_mutation(prepared.operation) and not allow_mutations:
            return _answer([_method_refused()], request_id, refused_method=True)
        if is_subscription(prepared.operation):
            raise refused("SUBSCRIPTION_NEEDS_SOCKET", "Subscriptions go over the WebSocket.")
        if credential is None:
            return await _introspect(prepared, request)
        bill = Bill(self.budgets, prepared, request.shows_cost)
        shows_plan = request.shows_plan and self.shows_plans
        why = "the compiled path is off"
        if prepared.operation.operation is not OperationType.QUERY:
            why = "no query"
        elif self.compiled is not None:
            try:
                return await self._read(self.compiled, bill, credential, request_id, shows_plan=shows_plan)
            except NotCompiled as reason:
                why = reason.reason
        plan = {"plan": {"way": "field by field", "reason": why}} if shows_plan else {}
        return await self._run(bill, request, credential, request_id, plan)

    def prepare(self, request: GraphQLRequest, credential: Credential | None = None) -> Prepared:
        """The document, the operation of it to run and its variables, checked against every limit."""
        text = self.trusted.text_of(request, credential)
        document = self.documents.prepare(text, introspection=self._introspection)
        operation = document.operation(request.operation_name)
        variables = coerced_variables(operation, request.variables or {}, document.plain(operation))
        try:
            check_nodes(document.meter, operation, variables.coerced)
        except TooMuch as error:
            raise RequestRefused(error) from error
        return Prepared(document, operation, variables)

    async def _read(
        self, compiled: Compiled, bill: Bill, credential: Credential, request_id: str, *, shows_plan: bool
    ) -> Answer:
        """The answer by one statement; NotCompiled if the query is for ordinary execution."""
        document, operation, variables = prepared = bill.prepared
        question = Question(document.text, operation, document.meter.fragments, variables)
        try:
            read = await compiled.read(question, credential, bill.admit)
        except Nobody:
            raise Unauthenticated from None
        except QueryCanceledError as error:
            body = {"data": None, "errors": [told(_wrapped(error), request_id)]}
            return Answer(body=orjson.dumps(body), has_data=True, operation=prepared.name)
        STATEMENTS.observe(read.statements + bill.statements)
        COMPILED.inc()
        errors = [*denied(read.denials, read.data)] if read.body is None else []
        extensions = bill.extensions(read.decoded) or {}
        if shows_plan:
            said = {"way": "compiled", "statements": read.statements, "sql": read.sql}
            extensions = {**extensions, "plan": said}
        return Answer(body=response(read, errors, extensions), has_data=True, operation=prepared.name)

    async def _run(
        self,
        bill: Bill,
        request: GraphQLRequest,
        credential: Credential,
        request_id: str,
        plan: Mapping[str, Any],
    ) -> Answer:
        prepared = bill.prepared
        view = SnapshotView(self.services, credential)
        try:
            context = await view.open(request_id)
            if context.actor.terms is not None:
                await _admit(view, context, bill)
            body = await run(prepared.document, prepared.operation, request.variables, context)
        finally:
            await view.close()
            STATEMENTS.observe(view.statements + bill.statements)
        FIELD_BY_FIELD.inc()
        extensions = {**(bill.extensions(lambda: body["data"]) or {}), **plan}
        if extensions:
            body["extensions"] = extensions
        return Answer(body=orjson.dumps(body), has_data=True, operation=prepared.name)


async def _admit(view: SnapshotView, context: Context, bill: Bill) -> None:
    """Settle with a partner's application.

    Whoever holds a connection must not wait for another, so it is given back; what may be asked for is judged again in
    the snapshot that is then read.
    """
    await view.close()
    await bill.admit(context.actor)
    await view.renew(context)
    check_fields(bill.prepared, context.actor)


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


def coerced_variables(
    operation: OperationDefinitionNode, variables: Mapping[str, Any], plain: tuple[Plain, ...] | None = None
) -> VariableValues:
    """The variables as their types read them. One that does not fit is a mistake of the request, not of a field."""
    values = coerced(operation, plain, variables)
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
