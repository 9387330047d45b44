"""Guessing takes longer with every guess: attempts are counted by account and by address, delayed, never locked out.

The counts are memory of one process: with several workers a guesser has as many times the attempts, which the figures
below allow for, and a restart forgets them. They are bounded, and the least recently seen are forgotten first.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from server.replies import Refusal

FORGOTTEN_AFTER = 3600.0
MOST_KEPT = 50_000


@dataclass(frozen=True)
class Pace:
    """``free`` attempts without a wait, then waits that double from one second up to ``longest`` seconds."""

    free: int
    longest: float

    def wait(self, count: int) -> float:
        """How long to wait after the attempt that was the ``count``-th."""
        return 0.0 if count <= self.free else min(2.0 ** min(count - self.free - 1, 30), self.longest)


# From one address, an account's own user; on an account, a guesser with many addresses; from an address, one with many
# accounts, or an office. An account can be tried fewer than 40 times an hour in each process.
HERE, ACCOUNT, ADDRESS = Pace(5, 300), Pace(10, 180), Pace(50, 60)


@dataclass
class _Tally:
    count: int = 0
    last: float = 0.0
    until: float = 0.0


class TooManyAttempts(Refusal):
    """Wait before the next attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__(429, "TOO_MANY_ATTEMPTS", "Too many attempts. Wait before the next one.", retry_after=seconds)


class Attempts:
    """The attempts to sign in that this process has seen."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_KEPT) -> None:
        self._clock = clock
        self._most = most
        self._tallies: OrderedDict[tuple[str, ...], _Tally] = OrderedDict()

    def admit(self, email: str, address: str) -> None:
        """Count an attempt before it is judged, so that many at once count too; or raise TooManyAttempts."""
        now = self._clock()
        paced = [(self._tally(key, now), pace) for key, pace in _keys(email, address)]
        wait = max(tally.until for tally, _ in paced) - now
        if wait > 0:
            raise TooManyAttempts(wait)
        for tally, pace in paced:
            tally.count += 1
            tally.last = now
            tally.until = now + pace.wait(tally.count)

    def succeeded(self, email: str, address: str) -> None:
        """The attempt was no guess: its account starts anew, and the address is not charged for it."""
        (here, _), (account, _), (from_there, _) = _keys(email, address)
        self._tallies.pop(here, None)
        self._tallies.pop(account, None)
        tally = self._tallies.get(from_there)
        if tally is not None:
            tally.count -= 1

    def _tally(self, key: tuple[str, ...], now: float) -> _Tally:
        tally = self._tallies.setdefault(key, _Tally(last=now))
        if now - tally.last > FORGOTTEN_AFTER:
            tally.count = 0
        self._tallies.move_to_end(key)
        if len(self._tallies) > self._most:
            self._tallies.popitem(last=False)
        return tally


def _keys(email: str, address: str) -> tuple[tuple[tuple[str, ...], Pace], ...]:
    network = _network(address)
    return (("here", email, network), HERE), (("account", email), ACCOUNT), (("address", network), ADDRESS)


def _network(address: str) -> str:
    """An IPv6 subscriber holds a whole /64, so that counts as one address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
