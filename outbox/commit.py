"""The one place a change is committed: with its events, and behind the fence if it changes anybody's access.

What changes access is appended to the audit trail in the same transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from domain import audit, viewing
from domain.fencing import noted
from domain.mailing import posted
from outbox.fence import Fence, messages
from outbox.queue import enqueue_by_name


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
        await viewing.follow(session)
        announced = messages(noted(session))
        try:
            for tenant_id, mail_id in posted(session):
                await enqueue_by_name(session, "send_mail", tenant=str(tenant_id), mail=str(mail_id))
            for message in announced:
                await self._fence.announce(session, message)
            await audit.append(session)
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
