"""How much a client may say, and the end of a socket whose client says more or says nonsense.

Imports nothing of ours: a process that starts needs it before everything else is loaded.
"""

from __future__ import annotations

import time


class Closed(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Allowance:
    """A bucket of messages that refills: a flood empties it."""

    __slots__ = ("_left", "_most", "_rate", "_refilled")

    def __init__(self, rate: float, most: float) -> None:
        self._rate = rate
        self._most = most
        self._left = most
        self._refilled = time.monotonic()

    def spend(self) -> None:
        """Take one message out; Closed if there is none."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._refilled) * self._rate) - 1
        self._refilled = now
        if self._left < 0:
            raise Closed(4429, "Too many messages")
