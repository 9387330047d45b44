"""Ordinary execution, field by field: the reference for every other way to answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    execute,  # pyright: ignore[reportUnknownVariableType]
)

from auth.grants import Credential
from resolvers.commands import InTurn, Unauthenticated
from resolvers.context import Context, Services
from schema.root import graphql_schema
from server.admission import Bill, check_fields
from server.contract import Answer, GraphQLRequest
from server.documents import Document, Prepared, RequestRefused
from server.errors import denied, is_outage, told
from server.metrics import FIELD_BY_FIELD
from server.views import SnapshotView


class Execution(NamedTuple):
    """One operation on its way: what was asked, by whom, and what it costs."""

    services: Services
    bill: Bill
    request: GraphQLRequest
    credential: Credential
    request_id: str
    shows_plan: bool = False

    @property
    def prepared(self) -> Prepared:
        """What is to be run."""
        return self.bill.prepared

    def answer(self, body: dict[str, Any], plan: Mapping[str, Any]) -> Answer:
        """The answer with this body; ``plan`` says how it came about."""
        extensions = {
            **(self.bill.extensions(lambda: body["data"]) or {}),
            **({"plan": plan} if self.shows_plan else {}),
        }
        if extensions:
            body = {**body, "extensions": extensions}
        return Answer(body=orjson.dumps(body), has_data=True, operation=self.prepared.name)


Root = Callable[[Context], Any]
"""Gives the value at the root of an operation, from the context it is run in."""


async def field_by_field(execution: Execution, reason: str, root: Root | None = None) -> Answer:
    """The answer in one snapshot, or in one after each command; ``reason`` says why it is given like this."""
    bill, prepared = execution.bill, execution.prepared
    made = root or partial(InTurn, judge=partial(check_fields, prepared))
    view = SnapshotView(execution.services, execution.credential)
    try:
        context = await view.open(execution.request_id)
        if context.actor.terms is not None:
            await _admit(view, context, bill)
        document, operation = prepared.document, prepared.operation
        body = await run(document, operation, execution.request.variables, context, made(context))
    finally:
        await view.close()
        FIELD_BY_FIELD.observe(view.statements + bill.statements)
    return execution.answer(body, {"way": "field by field", "reason": reason})


async def _admit(view: SnapshotView, context: Context, bill: Bill) -> None:
    """Settle with a partner's application.

    Whoever holds a connection must not wait for another, so it is given back; what may be asked for is judged again in
    the snapshot that is then read.
    """
    await view.close()
    await bill.admit(context.actor)
    await view.renew(context)
    check_fields(bill.prepared, context.actor)


def introspect(prepared: Prepared, request: GraphQLRequest) -> Answer:
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
    result = await executed(document, operation, variables, context, root)
    errors = [told(error, context.request_id) for error in result.errors or ()]
    errors += denied(context.denials, result.data)
    return {"data": result.data, **({"errors": errors} if errors else {})}


async def executed(
    document: Document,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    context: Context | None,
    root: Any,
) -> ExecutionResult:
    """What came of one operation; an outage or a refusal of the whole is raised."""
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
    _raise_if_lost(result.errors or ())
    return result


def _raise_if_lost(errors: list[GraphQLError] | tuple[()]) -> None:
    """A database that went away in the middle is an outage of the whole answer, not of one field."""
    for error in errors:
        cause = error.original_error
        if cause is not None and (isinstance(cause, (Unauthenticated, RequestRefused)) or is_outage(cause)):
            raise cause
