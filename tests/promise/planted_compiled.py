"""Planted bugs of the compiled statements: a predicate, a comparison or a part of a key that is missing."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

from dataclasses import replace
from typing import Any

import compiler.compile
import compiler.lists
import compiler.run
from auth.actor import Actor
from compiler.many import ForMany
from compiler.plan import Plan
from compiler.run import Compiled, Question
from compiler.scope import Rules
from compiler.shape import Standing, standing_of

_PREDICATE = 1
"""Where in a connection's conditions it stands who sees the rows."""


def epoch_not_compared() -> None:
    """The compiled statement believes the rights it was chosen by."""
    compiler.compile.ME = compiler.compile.ME.replace("e.number = {epoch}", "{epoch} = {epoch}")


def session_not_compared() -> None:
    """The compiled statement does not look whether the session has ended."""
    compiler.compile.ME = compiler.compile.ME.replace("s.ended_at is null", "true")


def plan_shared() -> None:
    """A plan is kept by what is asked alone: whoever asks the same gets the plan of whoever asked first."""
    plan = Compiled.plan
    first: dict[Any, Plan] = {}

    def same(self: Compiled, question: Question, standing: Standing) -> Plan:
        return first.setdefault(question.key, first.get(question.key) or plan(self, question, standing))

    Compiled.plan = same  # type: ignore[method-assign]


def count_unguarded_in_sql() -> None:
    """A statement counts the rows it does not show."""
    count = compiler.lists._Connection._count

    def counted(self: Any, name: str) -> Any:
        seen = [one for at, one in enumerate(self.conditions) if at != _PREDICATE]
        return count(replace(self, conditions=seen), name)

    compiler.lists._Connection._count = counted  # type: ignore[method-assign]


def field_unguarded_in_sql() -> None:
    """A statement shows guarded fields to whoever sees the row."""
    compile_query = compiler.run.compile_query

    def compiled(*given: Any) -> Plan:
        *asked, rules = given
        return compile_query(*asked, Rules(rules.visible, lambda *_: "true"))

    compiler.run.compile_query = compiled


def field_unguarded_in_pushes() -> None:
    """The statement that reads for many viewers shows guarded fields to whoever sees the row."""
    init = ForMany.__init__

    def unguarded(self: ForMany, rules: Rules, *rest: Any) -> None:
        init(self, Rules(rules.visible, lambda *_: "true"), *rest)

    ForMany.__init__ = unguarded  # type: ignore[method-assign]


def standing_kept() -> None:
    """What is pushed to somebody is chosen by the rights they had when it was first."""
    first: dict[Any, Standing] = {}

    def kept(_: ForMany, actor: Actor) -> Standing:
        return first.setdefault(actor.user_id, standing_of(actor))

    ForMany.standing = kept  # type: ignore[method-assign]
