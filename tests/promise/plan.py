"""What is checked, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.promise.lanes import KINDS
from tests.promise.ledger import Violation


@dataclass(frozen=True)
class Plan:
    """How much is checked.

    ``times`` is how many lanes there are of every kind, ``at_once`` how many of them are at work at the same time;
    ``noise`` is how likely a revoke is to have another text rewritten besides. ``freezes``: for how many seconds the
    second process is frozen at most, again and again.
    """

    revokes: int
    kinds: Sequence[str] = KINDS
    times: int = 1
    at_once: int = 5
    noise: float = 0.5
    within: float = 600.0
    first_only: bool = False
    freezes: float = 0.0


@dataclass
class Findings:
    """What came of a check. Latencies are in seconds."""

    revokes: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)
    pushes: list[float] = field(default_factory=list)
    judged: dict[str, int] = field(default_factory=dict)
    ways: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    """By kind and way: how often the keys were seen while held, looked for while away, and what was broken."""
    sockets: int = 0
    streams: int = 0
    repeated: int = 0
    seconds: float = 0.0
