"""Answering a plain command: it is carried out first, and what its payload asks of its row is read when it is done.

From then on nothing that fails may look as if nothing had been done: whoever is told of an outage sends the command
again. So a row that cannot be read is null, with an error that says so, beside the user errors, which are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import GraphQLError

from compiler.plan import NotCompiled
from compiler.run import Compiled, Nobody, Read
from compiler.selection import Fields
from resolvers.commands import Giver, Order, Unauthenticated, perform, row_in
from resolvers.context import Context, Denials
from resolvers.outcomes import Outcome
from schema.mutations import snake
from server.contract import Answer
from server.documents import RequestRefused
from server.errors import denied, is_outage, told
from server.execution import Execution, Unread, executed, field_by_field
from server.messages import WITHHELD
from server.metrics import COMPILED
from server.payloads import Cut


@dataclass
class _Giving:
    """The root of the command itself: its row is read when it is done."""

    giver: Giver
    outcome: Outcome | None = None

    async def carry_out(self, order: Order) -> Outcome:
        """Carry the command out, and keep what came of it."""
        self.outcome = await perform(self.giver, order)
        return self.outcome

    def row(self, node: str) -> None:
        """Nothing yet."""


@dataclass(frozen=True)
class _Done:
    """The root of a command that was carried out: only its answer is left to give."""

    outcome: Outcome
    context: Context

    async def carry_out(self, order: Order) -> Outcome:  # noqa: ARG002  (It is the one that was carried out.)
        """What came of it."""
        return self.outcome

    def row(self, node: str) -> Any:
        """The row, by the context's loaders."""
        return row_in(self.context, node)


async def command(execution: Execution, cut: Cut, compiled: Compiled | None) -> Answer:
    """Carry a command out and give its answer, in one statement more if that asks for anything to be read."""
    prepared = execution.prepared
    now = execution.services.clock()
    giving = _Giving(Giver(execution.services, execution.credential, now, execution.bill.admit_within))
    result = await executed(prepared.operation, execution.request.variables, None, giving)
    errors = [told(error, execution.request_id) for error in result.errors or ()]
    outcome, late = giving.outcome, cut.late(prepared.question)
    if outcome is None or outcome.node is None or not late:
        return _counted(execution, result.data, errors)
    done = _Answering(execution, cut, outcome, late, result.data, errors)
    try:
        return await done.answer(compiled)
    except (Nobody, Unauthenticated, RequestRefused):
        return Answer(body=WITHHELD, has_data=True, operation=prepared.operation.label)
    except Exception as error:  # noqa: BLE001  (Whatever it is, the command was carried out; mistakes of ours are logged.)
        return done.unread(error)


@dataclass(frozen=True)
class _Answering:
    """A command that was carried out, and the fields of its payload that wait for what is read afterwards."""

    execution: Execution
    cut: Cut
    outcome: Outcome
    late: Fields
    data: Any
    errors: list[dict[str, Any]]

    async def answer(self, compiled: Compiled | None) -> Answer:
        """The whole answer, by a compiled statement or field by field."""
        why = "the compiled path is off"
        if compiled is not None:
            try:
                return self._told(await self._read(compiled))
            except NotCompiled as reason:
                why = reason.reason
        return await field_by_field(self.execution, why, partial(_Done, self.outcome))

    async def _read(self, compiled: Compiled) -> Read:
        assert self.outcome.node is not None
        execution = self.execution
        question = self.cut.question(execution.prepared.question, self.late, self.outcome.node)
        return await compiled.read(question, execution.credential, execution.bill.admit)

    def _told(self, read: Read) -> Answer:
        key, found = self.cut.key, read.decoded()
        is_seen = any(one is not None for one in found.values())
        shown: Mapping[str, str] = self.outcome.shown if is_seen else {}
        for name, nodes in self.late.items():
            self.data[key][name] = found[name] if name in found else shown.get(snake(nodes[0].name.value))
        within = {what: [(key, *path) for path in paths] for what, paths in read.denials.paths.items()}
        errors = [*self.errors, *denied(Denials(within), self.data)]
        return _counted(self.execution, self.data, errors, read)

    def unread(self, error: Exception) -> Answer:
        """What is known without what could not be read."""
        lost = [_lost(error, [self.cut.key, name], nodes) for name, nodes in self.late.items()]
        errors = [*self.errors, *(told(one, self.execution.request_id) for one in lost)]
        return _counted(self.execution, self.data, errors)


def _lost(error: Exception, path: list[str | int], nodes: Any) -> GraphQLError:
    cause = Unread() if is_outage(error) else error
    return GraphQLError(str(cause), nodes, path=path, original_error=cause)


def _counted(execution: Execution, data: Any, errors: list[dict[str, Any]], read: Read | None = None) -> Answer:
    """The answer to a command; ``read`` is what was read for it by a compiled statement, if anything was."""
    COMPILED.observe((read.statements if read else 0) + execution.bill.statements)
    said = {"statements": read.statements, "sql": read.sql} if read else {"statements": 0}
    body = {"data": data, **({"errors": errors} if errors else {})}
    return execution.answer(body, {"way": "compiled", **said})
