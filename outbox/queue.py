"""The queue of tasks, and how something is put into it by the very transaction that needs it."""

from __future__ import annotations

from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.tasks import Task
from procrastinate.types import JSONValue
from sqlalchemy.ext.asyncio import AsyncSession

DAY = 24 * 3600

# The worker gives it a connector of its own; everybody else only adds to it, over the connection they have.
queue = App(connector=PsycopgConnector(), periodic_defaults={"max_delay": DAY})


async def enqueue(session: AsyncSession, task: Task[Any, Any, Any], **args: JSONValue) -> int:
    """Have ``task`` done once this session's transaction is committed; the number of the entry in the queue.

    ``args`` lie in a table no tenant's wall protects: name rows by their ids, and let the task read them.
    """
    raw = await (await session.connection()).get_raw_connection()
    return await task.configure(connection=raw.driver_connection).defer_async(**args)


async def enqueue_by_name(session: AsyncSession, name: str, **args: JSONValue) -> int:
    """The same where the task cannot be named by anything but its name, since it works with what the caller is."""
    raw = await (await session.connection()).get_raw_connection()
    return await queue.configure_task(name, connection=raw.driver_connection).defer_async(**args)
