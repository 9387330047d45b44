"""Ordinary execution, field by field: the reference for every other way to answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    execute,  # pyright: ignore[reportUnknownVariableType]
)

from auth.actor import Actor
from auth.grants import Credential
from domain.refusals import Refused
from resolvers.commands import Giver, Order, Unauthenticated, perform, row_in
from resolvers.context import Context, Services
from resolvers.outcomes import Outcome, UserError
from resolvers.record import Record
from schema.root import graphql_schema
from server.admission import Bill, check_fields
from server.contract import Answer, GraphQLRequest
from server.documents import Operation, Prepared, RequestRefused
from server.errors import denied, is_outage, told
from server.messages import WITHHELD
from server.metrics import FIELD_BY_FIELD
from server.views import SnapshotView

_OF_THE_WHOLE = (Unauthenticated, RequestRefused)
"""What refuses a whole answer: whoever asks is nobody any more, or may not ask this."""


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
        return Answer(body=orjson.dumps(body), has_data=True, operation=self.prepared.operation.label)


Root = Callable[[Context], Any]
"""Gives the value at the root of an operation, from the context it is run in."""


class Unread(Refused):
    """A command was carried out, and its row cannot be read."""

    code = "RESULT_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The command was carried out. What came of it cannot be read just now.")


class InTurn:
    """Carries out one command after the other, and shows the row of each in the snapshot that follows it.

    Once one was carried out, no failure may look as if nothing had been done: whoever is told of an outage sends all of
    them again. So what fails from then on is told in its own place, and the rest is not tried any more.
    """

    def __init__(self, context: Context, judge: Callable[[Actor], None]) -> None:
        self._context = context
        self._judge = judge
        self._failed = False
        self.done = False
        """Whether anything was carried out."""

    async def carry_out(self, order: Order) -> Outcome:
        """Carry the command out, and give the context a new snapshot to read the answer in."""
        if self._failed:
            return _not_done("NOT_CARRIED_OUT", "Something failed before this command, so it was not tried.")
        context = self._context
        try:
            await context.view.close()
            outcome = await perform(Giver(context.services, context.credential, context.now), order)
        except Exception as error:
            if not self.done or isinstance(error, _OF_THE_WHOLE):
                raise
            self._failed = True
            said = told(GraphQLError(str(error), original_error=error), context.request_id)
            return _not_done(said["extensions"]["code"], said["message"])
        self.done |= outcome.node is not None
        try:
            await context.view.renew(context)
        except Exception as error:
            if not self.done or not is_outage(error):
                raise
            self._failed = True
            return outcome
        self._judge(context.actor)
        return outcome

    def row(self, node: str) -> Awaitable[Record | None] | None:
        """The row, by the context's loaders."""
        if self._failed:
            raise Unread
        return row_in(self._context, node)


def _not_done(code: str, text: str) -> Outcome:
    return Outcome(None, (UserError(code, text),))


async def field_by_field(execution: Execution, reason: str, root: Root | None = None) -> Answer:
    """The answer in one snapshot, or in one after each command; ``reason`` says why it is given like this."""
    bill, prepared = execution.bill, execution.prepared
    made = root or partial(InTurn, judge=partial(check_fields, prepared))
    view = SnapshotView(execution.services, execution.credential)
    commander: Any = None
    try:
        context = await view.open(execution.request_id)
        if context.actor.terms is not None:
            await _admit(view, context, bill)
        commander = made(context)
        body = await run(prepared.operation, execution.request.variables, context, commander)
    except _OF_THE_WHOLE:
        if not (isinstance(commander, InTurn) and commander.done):
            raise
        return Answer(body=WITHHELD, has_data=True, operation=prepared.operation.label)
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
    if not prepared.operation.asks_schema_only:
        raise Unauthenticated
    result = execute(
        graphql_schema(),
        prepared.operation.document.ast,
        variable_values=dict(request.variables or {}),
        operation_name=request.operation_name,
        hide_suggestions=True,
    )
    assert isinstance(result, ExecutionResult)
    return Answer(body=orjson.dumps(result.formatted), has_data=True, operation=prepared.operation.label)


async def run(
    operation: Operation,
    variables: Mapping[str, Any] | None,
    context: Context,
    root: Any = None,
) -> dict[str, Any]:
    """The response of one operation in one context, with every error told."""
    result = await executed(operation, variables, context, root)
    errors = [told(error, context.request_id) for error in result.errors or ()]
    errors += denied(context.denials, result.data)
    return {"data": result.data, **({"errors": errors} if errors else {})}


async def executed(
    operation: Operation,
    variables: Mapping[str, Any] | None,
    context: Context | None,
    root: Any,
) -> ExecutionResult:
    """What came of one operation; an outage or a refusal of the whole is raised."""
    result = execute(
        graphql_schema(),
        operation.document.ast,
        root_value=root,
        context_value=context,
        variable_values=dict(variables or {}),
        operation_name=operation.name or None,
        hide_suggestions=True,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    _raise_if_lost(result.errors or (), done=isinstance(root, InTurn) and root.done)
    return result


def _raise_if_lost(errors: list[GraphQLError] | tuple[()], *, done: bool) -> None:
    """A database that went away in the middle is an outage of the whole answer, unless something was done before."""
    for error in errors:
        cause = error.original_error
        if cause is not None and (isinstance(cause, _OF_THE_WHOLE) or (is_outage(cause) and not done)):
            raise cause
