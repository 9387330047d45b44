"""Signing in with the temporary password of an invitation: once, and only to choose another."""

from __future__ import annotations

import uuid

from starlette.types import Scope

from auth.needs import Proof
from auth.onetime import looks_temporary, read_password
from auth.sessions import Account
from domain import invitations
from domain.secrets import LinkDead
from models.database import writing
from server.credentials import cookie_credential
from server.door import Door, Entry


async def redeemed(door: Door, scope: Scope, accounts: list[Account], typed: str) -> tuple[Account, Entry] | None:
    """The account whose temporary password was typed, and a session that owes a new one; None if it was no such.

    It is looked for where there is no account too, which takes as long.
    """
    if not looks_temporary(typed):
        return None
    for account in accounts:
        entry = await _redeemed(door, scope, account.tenant_id, account.user_id, typed)
        if entry is not None:
            await door.leave(cookie_credential(scope["headers"]))
            return account, entry
    if not accounts:
        await _redeemed(door, scope, uuid.uuid4(), uuid.uuid4(), typed)
    return None


async def _redeemed(door: Door, scope: Scope, tenant_id: uuid.UUID, user_id: uuid.UUID, typed: str) -> Entry | None:
    async with writing(door.serving.engine, tenant_id) as session:
        try:
            credential = read_password(tenant_id, typed)
            await invitations.redeem_temporary(session, credential, user_id=user_id, on=door.serving.clock())
        except LinkDead:
            return None
        entry = await door.opened(session, scope, tenant_id, user_id, Proof.PASSWORD)
        await door.serving.publisher.commit(session)
    return entry
