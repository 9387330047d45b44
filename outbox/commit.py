"""The one place a change is committed: with its events, and behind the fence if it changes anybody's access."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from domain.fencing import noted
from outbox.fence import Fence, messages


class Publisher:
    """Commits sessions.

    ``nudge`` tells this process's own reader that there is something to read; ``waited`` is told how many seconds a
    change of access took to become effective everywhere.
    """

    def __init__(
        self,
        fence: Fence,
        nudge: Callable[[], None] = lambda: None,
        waited: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._fence = fence
        self._nudge = nudge
        self._waited = waited

    async def commit(self, session: AsyncSession) -> None:
        """Commit, and return only when nothing can be sent any more under rights this change took away."""
        announced = messages(noted(session))
        try:
            for message in announced:
                await self._fence.announce(session, message)
            await session.commit()
        except BaseException:
            for message in announced:
                self._fence.forget(message)
            raise
        self._nudge()
        began = time.monotonic()
        for message in announced:
            await self._fence.stand(message)
        if announced:
            self._waited(time.monotonic() - began)
