"""What takes longer than it may is ended. One timer looks after all requests: one for each costs more than parsing."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

EVERY = 0.05


class Watch:
    """Looks every so often, in seconds, whether anything is overdue, and not at all while nothing runs."""

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._open: set[Span] = set()
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> Span:
        """What is done in this context has so many seconds; TimeoutError if they were not enough."""
        return Span(self, seconds)

    @property
    def idle(self) -> bool:
        """Whether nobody looks, because there is nothing to look after."""
        return self._timer is None

    def add(self, span: Span) -> None:
        """Look after this one."""
        self._open.add(span)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._every, self._look)

    def drop(self, span: Span) -> None:
        """It has ended."""
        self._open.discard(span)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for span in [one for one in self._open if one.ends <= loop.time()]:
            span.expire()
            self._open.discard(span)
        self._timer = loop.call_later(self._every, self._look) if self._open else None


class Span:
    """The time something has, as ``asyncio.timeout`` would give it."""

    __slots__ = ("_cancelling", "_loop", "_task", "_watch", "ends", "expired")

    def __init__(self, watch: Watch, seconds: float) -> None:
        self._watch = watch
        self._loop = asyncio.get_running_loop()
        self.ends = self._loop.time() + seconds
        self.expired = False

    def renew(self, seconds: float) -> None:
        """So many seconds from now."""
        self.ends = self._loop.time() + seconds

    def expire(self) -> None:
        """End what is done here."""
        self.expired = True
        self._task.cancel()

    def __enter__(self) -> Span:
        self._task: asyncio.Task[Any] = asyncio.current_task(self._loop)  # type: ignore[assignment]
        self._cancelling = self._task.cancelling()
        self._watch.add(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._watch.drop(self)
        # Somebody else may have cancelled it as well: that is theirs to see.
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
