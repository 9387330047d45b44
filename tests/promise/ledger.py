"""The rules of the promise, judged from outside and without comparing two clocks.

Every protected text carries a marker ``~key.number~``: the key names what is protected, the number grows with every
writing of it. A viewer's right to a key is *away* from the moment the change that took it was answered until just
before the change that gives it back is sent. Meanwhile

* P1: no answer to a request started later than that moment may hold the key,
* P2: no answer and no event, whenever it was asked for, may hold a number whose writing began later,
* P3: no event may hold the key on a socket that has answered a ping sent later,
* P5: what was given back is in every answer to a request started after the giving was answered, and is pushed.
"""

from __future__ import annotations

import itertools
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

RULES = ("P1", "P2", "P3", "P5")
WAYS = ("http", "socket", "stream")
HELD, AWAY = "held", "away"
_MARK = re.compile(rb"~(\w+)\.(\d+)~")
_COUNT = re.compile(rb'"s_(\w+)":\{"totalCount":[1-9]')


@dataclass(frozen=True)
class Violation:
    """One breach of the promise."""

    rule: str
    viewer: str
    key: str
    via: str
    detail: str

    @property
    def way(self) -> str:
        """How the answer or event came: the first word of ``via``."""
        return self.via.partition(" ")[0]


def keys_in(body: bytes) -> set[str]:
    """The keys a text shows."""
    return {key.decode() for key, _ in _evidence(body)}


def _evidence(body: bytes) -> set[tuple[bytes, bytes | None]]:
    """What a text gives away: markers, and counts of rows that can only be the protected ones."""
    found: set[tuple[bytes, bytes | None]] = set(_MARK.findall(body))
    found.update((key, None) for key in _COUNT.findall(body))
    return found


@dataclass
class Ledger:
    """Who may see what at this moment, and every breach so far."""

    violations: list[Violation] = field(default_factory=list)
    judged: Counter[str] = field(default_factory=Counter)
    observed: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By viewer and way: how often the keys were seen while held, and how often it was looked for them while away."""
    _away: defaultdict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    _written: dict[tuple[str, int], float] = field(default_factory=dict)
    _numbers: Mapping[str, itertools.count[int]] = field(
        default_factory=lambda: defaultdict(lambda: itertools.count(1))
    )

    def text(self, key: str) -> str:
        """A new text with the key's marker; what is written from now on is known by it."""
        number = next(self._numbers[key])
        self._written[key, number] = time.monotonic()
        return f"Text ~{key}.{number}~"

    def taken(self, viewer: str, keys: Iterable[str], answered: float) -> None:
        """The change that took the keys away from the viewer was answered."""
        self._away[viewer].update(dict.fromkeys(keys, answered))

    def giving(self, viewer: str, keys: Iterable[str]) -> None:
        """The change that gives the keys back is about to be sent."""
        for key in keys:
            self._away[viewer].pop(key, None)

    def answered(self, viewer: str, via: str, started: float, body: bytes) -> None:
        """Judge an answer."""
        self.judged[via] += 1
        away = self._away[viewer]
        self._observe(viewer, via, body, looked=bool(away) and started >= max(away.values()))
        for key, number, since in self._forbidden(viewer, body):
            if started >= since:
                self.breach("P1", viewer, key, via, f"asked for {_ms(started - since)} ms after the answer")
            else:
                self._judge_content(viewer, key, number, since, via)

    def pushed(self, viewer: str, via: str, clear_of: float, body: bytes) -> None:
        """Judge an event of a socket that has answered every ping up to ``clear_of``."""
        self.judged[via] += 1
        self._observe(viewer, via, body, looked=bool(self._away[viewer]))
        for key, number, since in self._forbidden(viewer, body):
            if since <= clear_of:
                late = _ms(time.monotonic() - since)
                self.breach("P3", viewer, key, via, f"came {late} ms after the answer, behind the pong")
            else:
                self._judge_content(viewer, key, number, since, via)

    def gone(self, viewer: str, way: str) -> None:
        """A socket or stream was seen to have nothing left: it says so, or is refused or closed."""
        self.observed[viewer, way, AWAY] += 1

    def breach(self, rule: str, viewer: str, key: str, via: str, detail: str) -> None:
        """Note a violation."""
        self.violations.append(Violation(rule, viewer, key, via, detail))

    def counts(self) -> dict[str, int]:
        """How often each rule was broken."""
        found = Counter(one.rule for one in self.violations)
        return {rule: found[rule] for rule in RULES}

    def _observe(self, viewer: str, via: str, body: bytes, *, looked: bool) -> None:
        way = via.partition(" ")[0]
        if looked:
            self.observed[viewer, way, AWAY] += 1
        elif not self._away[viewer] and _evidence(body):
            self.observed[viewer, way, HELD] += 1

    def _forbidden(self, viewer: str, body: bytes) -> list[tuple[str, int | None, float]]:
        away = self._away[viewer]
        if not away:
            return []
        found = ((key.decode(), number) for key, number in _evidence(body))
        return [(key, None if number is None else int(number), away[key]) for key, number in found if key in away]

    def _judge_content(self, viewer: str, key: str, number: int | None, since: float, via: str) -> None:
        written = None if number is None else self._written.get((key, number))
        if written is not None and written >= since:
            self.breach("P2", viewer, key, via, f"written {_ms(written - since)} ms after the answer")


def _ms(seconds: float) -> float:
    return round(seconds * 1e3, 1)
