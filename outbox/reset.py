"""Forgotten passwords: whether an address is anybody's is looked up here, after the request was answered.

The address waits in the queue, and is told in its log, under seal: who asks is nobody else's business.
"""

from __future__ import annotations

import uuid

from procrastinate import JobContext, RetryStrategy

from auth.sealing import Seal
from auth.sessions import accounts_of
from domain import recovery
from models import User
from models.database import across_tenants, writing
from outbox.queue import queue
from outbox.tasks import Keeper, keeper_of

_AGAIN = RetryStrategy(max_attempts=5, exponential_wait=4)
_PURPOSE = "addresses that have asked for a new password"
_OWNER = b"the queue"


def sealed(key: bytes, email: str) -> str:
    """An address as the queue may have it."""
    return Seal(key, _PURPOSE).close(email.encode(), _OWNER).hex()


async def begin(keeper: Keeper, email: str) -> None:
    """Send a link to every account of the address, in whatever tenant; nothing where there is none."""
    async with across_tenants(keeper.engine, "app.sign_in_email", email) as connection:
        accounts = await accounts_of(connection, email)
    for account in accounts:
        if account.active:
            await _begin(keeper, account.tenant_id, account.user_id)


async def _begin(keeper: Keeper, tenant_id: uuid.UUID, user_id: uuid.UUID) -> None:
    async with writing(keeper.engine, tenant_id) as session:
        user = await session.get_one(User, (tenant_id, user_id), with_for_update=True)
        await recovery.begin_reset(session, user, on=keeper.clock())
        await keeper.publisher.commit(session)


@queue.task(name="begin_reset", pass_context=True, retry=_AGAIN)
async def beginning(context: JobContext, asked: str) -> None:
    """Somebody has asked for a new password."""
    keeper = keeper_of(context)
    await begin(keeper, Seal(keeper.post.key, _PURPOSE).open(bytes.fromhex(asked), _OWNER).decode())
