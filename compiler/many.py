"""One statement for many viewers of one shape: what is pushed to them is read for all of them together.

The viewers come as rows: what a plan for one viewer has for parameters, this has for columns. Who they are was read in
the snapshot the statement runs in, so it asks neither for their sessions nor for their epochs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import TextClause, text

from auth.actor import Actor
from compiler import marks
from compiler.compile import answer_of, writer_of
from compiler.marks import Guarded, Made
from compiler.parameters import Binder, Call
from compiler.plan import NotCompiled
from compiler.run import PLANS_KEPT, Question, Read, Recent
from compiler.scope import Rules
from compiler.shape import Shape, Standing, standing_of
from resolvers.context import Denials

_STATEMENT = """select asked.place, convert_to({answer}, 'UTF8') as answer
from json_to_recordset(cast(:asked as json)) as asked({columns})
cross join lateral (
select u.id, u.name, u.email, u.kind, asked.epoch from app_user u
where u.tenant_id = asked.tenant and u.id = asked.viewer
) me"""
STANDINGS_KEPT = 10_000
_VIEWER = {"place": "int", "tenant": "uuid", "viewer": "uuid", "epoch": "bigint"}

Run = Callable[[TextClause, dict[str, Any]], Awaitable[Sequence[Any]]]
"""Runs a statement with its parameters, and gives the rows."""


@dataclass(frozen=True)
class ManyPlan:
    """One statement for any number of viewers of a shape."""

    statement: TextClause
    binders: Mapping[str, Binder]
    checks: tuple[Binder, ...]
    guarded: tuple[Guarded, ...]
    computed: tuple[Made, ...]

    def row(self, place: int, call: Call) -> dict[str, Any]:
        """What one viewer's part of the statement is told; NotCompiled if the call does not fit the plan."""
        for check in self.checks:
            check(call)
        actor = call.standing.actor
        asked = {"place": place, "tenant": actor.tenant_id, "viewer": actor.user_id, "epoch": actor.epoch}
        return asked | {name: bind(call) for name, bind in self.binders.items()}

    def read(self, body: bytes, call: Call) -> Read:
        """What came back for one viewer."""
        if not marks.is_marked(body):
            return Read(body, None, Denials(), 1)
        data, denials = marks.mend(body, self, call)
        return Read(None, data, denials, 1)


@dataclass
class ForMany:
    """Questions asked by many viewers at once."""

    rules: Rules
    plans: Recent[Any, ManyPlan | NotCompiled] = field(default_factory=lambda: Recent(PLANS_KEPT))
    standings: Recent[Any, Standing] = field(default_factory=lambda: Recent(STANDINGS_KEPT))

    def standing(self, actor: Actor) -> Standing:
        """The standing of an actor who was read just now; one that was read before is kept while they are equal."""
        name = (actor.user_id, actor.scopes, actor.viewed_by)
        known = self.standings.recall(name)
        if known is None or known.actor != actor:
            known = standing_of(actor)
            self.standings.keep(name, known)
        return known

    def plan(self, question: Question, shape: Shape) -> ManyPlan | None:
        """The plan for viewers of this shape; None if the question is for ordinary execution."""
        key = (question.key, shape)
        plan = self.plans.recall(key)
        if plan is None:
            plan = self._compile(question, shape)
            self.plans.keep(key, plan)
        return None if isinstance(plan, NotCompiled) else plan

    def _compile(self, question: Question, shape: Shape) -> ManyPlan | NotCompiled:
        writer = writer_of(question.fragments, question.variables, shape, self.rules)
        try:
            answer, kinds, binders = writer.parameters.columned(answer_of(question.operation, writer), "asked")
        except NotCompiled as reason:
            return NotCompiled(reason.reason)
        columns = ", ".join(f"{name} {kind}" for name, kind in (_VIEWER | kinds).items())
        statement = text(_STATEMENT.format(answer=answer.replace(":", "\\:"), columns=columns))
        checks = tuple(writer.parameters.checks)
        return ManyPlan(statement, binders, checks, tuple(writer.guarded), tuple(writer.computed))


async def read(plan: ManyPlan, calls: Sequence[Call], run: Run) -> list[Read | None]:
    """What every call is answered with, in one statement; None for those that are for ordinary execution."""
    found: list[Read | None] = [None for _ in calls]
    asked = [row for place, call in enumerate(calls) if (row := _row(plan, place, call))]
    if asked:
        told = orjson.dumps(asked, default=_plain).decode()
        for row in await run(plan.statement, {"asked": told}):
            found[row.place] = plan.read(row.answer, calls[int(row.place)])
    return found


def _row(plan: ManyPlan, place: int, call: Call) -> dict[str, Any] | None:
    try:
        return plan.row(place, call)
    except NotCompiled:
        return None


def _plain(value: Any) -> Any:
    """A value as ``json_to_recordset`` takes it for its column."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return str(value) if isinstance(value, Decimal) else list(value)
