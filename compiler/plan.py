"""What a document becomes: the statement, what is bound to it, and what may have to be mended in its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compiler.marks import Guarded, Made
from compiler.parameters import Binder, Call


class NotCompiled(Exception):
    """The document (or this call of it) is for ordinary execution. ``reason`` names the field or the argument."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Plan:
    """One statement and all that is needed to run it."""

    sql: str
    binders: tuple[Binder, ...]
    checks: tuple[Binder, ...]
    guarded: tuple[Guarded, ...]
    computed: tuple[Made, ...]
    marked: bool
    """Whether there may be anything to mend: without it the answer is not even searched for marks."""

    small: bool
    """Whether it reads nothing but single rows, and few of them."""

    @property
    def in_python(self) -> tuple[str, ...]:
        """The fields Python makes."""
        return tuple(dict.fromkeys(one.name for one in self.computed)) if self.computed else ()

    def arguments(self, call: Call) -> list[Any]:
        """What is bound for a call; NotCompiled if the call does not fit the plan."""
        for check in self.checks:
            check(call)
        return [bind(call) for bind in self.binders]
