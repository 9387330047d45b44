"""A page of the trail whose reader is closed under it."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, cast

from resolvers.audit import AuditPage
from resolvers.reader import ReaderClosed


class Closing(AuditPage):
    """Its count begins, and finds the snapshot given back."""

    async def _count(self) -> int:
        await asyncio.sleep(0)
        raise ReaderClosed


async def test_a_count_that_nobody_waits_for_any_more_is_no_error() -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    page = Closing(cast("Any", None), 10, None, cast("Any", None))
    waiting = asyncio.ensure_future(page.total())
    await asyncio.sleep(0)
    # Another field was refused, so this one is given up; its task goes on and fails.
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)
    del page, waiting
    gc.collect()
    assert told == []
