"""What people change about themselves while they are signed in: how they are called, the password, and the address."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route
from starlette.types import Receive, Scope

from auth import passwords
from auth.needs import Proof
from domain import recovery, users
from models import Language, Session, SessionNeed, Tenant, User, UserStatus
from models.database import writing
from server.attempts import password_of
from server.bodies import NotJson
from server.door import Door, InvalidCredentials, NotPresented, SessionInNeed, address_of, require_own, text_of
from server.replies import Endpoint, Reply, json_reply
from server.welcome import came_in, entered, hashed, refusals_told, token_of

_LONGEST_EMAIL = 320
_LONGEST_NAME = 191


@dataclass(frozen=True)
class Known:
    """Somebody signed in, as they were when they asked."""

    user: User
    names: tuple[str, ...]
    needs: SessionNeed | None
    session_id: uuid.UUID


class OwnCredentials:
    """Another name or language, a new password, also where one is owed, and another address."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {
            "/auth/profile": self.change_profile,
            "/auth/password": self.change_password,
            "/auth/email/request": self.request_email,
            "/auth/email/confirm": self.confirm_email,
        }
        return [Route(path, Endpoint(answer, "POST")) for path, answer in answers.items()]

    async def change_profile(self, scope: Scope, receive: Receive) -> Reply:
        """Another name, and another language to be written to in."""
        content = await self._door.content(scope, receive)
        given = {"name": text_of(content, "name", _LONGEST_NAME), "language": _language_of(content)}
        async with self._door.changing(scope) as visit:
            user = await visit.session.get_one(User, (visit.presence.tenant_id, visit.presence.user_id))
            with refusals_told():
                await users.introduce_themselves(visit.session, user, fields=given)
            shown = {"name": user.name, "language": user.language}
            await self._door.serving.publisher.commit(visit.session)
        return json_reply(200, shown)

    async def change_password(self, scope: Scope, receive: Receive) -> Reply:
        """Replace the password; all other sessions end. Whoever owes a new one need not say the old one."""
        content = await self._door.content(scope, receive)
        known = await self._known(scope)
        if known.needs is not SessionNeed.NEW_PASSWORD:
            await self._judge(scope, known, text_of(content, "current", passwords.LONGEST))
        made = await hashed(content, known.names)
        async with self._unchanged(known) as (session, user):
            await recovery.replace_password(session, user, password_hash=made, on=self._door.serving.clock())
            entry = await entered(self._door, session, scope, user, Proof.SECOND_FACTOR)
            tenant = await session.get_one(Tenant, user.tenant_id)
            await self._door.serving.publisher.commit(session)
        return came_in(self._door, scope, tenant, entry)

    async def request_email(self, scope: Scope, receive: Receive) -> Reply:
        """Have a link sent to another address; whether somebody has it already is not told."""
        content = await self._door.content(scope, receive)
        email = text_of(content, "email", _LONGEST_EMAIL)
        known = await self._known(scope)
        await self._judge(scope, known, text_of(content, "password", passwords.LONGEST))
        async with self._unchanged(known) as (session, user):
            with refusals_told():
                await recovery.begin_email_change(session, user, email=email, on=self._door.serving.clock())
            await self._door.serving.publisher.commit(session)
        return json_reply(202, {})

    async def confirm_email(self, scope: Scope, receive: Receive) -> Reply:
        """Use the link that was sent to the new address, in whatever browser."""
        credential = token_of(await self._door.content(scope, receive))
        async with writing(self._door.serving.engine, credential.tenant_id) as session:
            with refusals_told():
                user = await recovery.confirm_email(session, credential, on=self._door.serving.clock())
            email = user.email
            await self._door.serving.publisher.commit(session)
        return json_reply(200, {"email": email})

    async def _known(self, scope: Scope) -> Known:
        """Whoever is presented, with what has to be compared again when it is written."""
        async with self._door.visit(scope) as visit:
            who = visit.presence
            require_own(who)
            if who.needs not in (None, SessionNeed.NEW_PASSWORD):
                raise SessionInNeed(who.needs)
            user = await visit.session.get_one(User, (who.tenant_id, who.user_id))
            return Known(user, await recovery.names_of(visit.session, user), who.needs, who.session_id)

    async def _judge(self, scope: Scope, known: Known, password: str) -> None:
        """Refuse a wrong password, after ever longer waits."""
        if known.needs is not None:
            raise SessionInNeed(known.needs)
        with self._door.in_line():
            admission = await self._door.attempts.admit(password_of(known.user.email), address_of(scope))
            if not await passwords.matches(password, known.user.password_hash):
                raise InvalidCredentials
        await self._door.attempts.forgive(admission)

    @asynccontextmanager
    async def _unchanged(self, known: Known) -> AsyncGenerator[tuple[AsyncSession, User]]:
        """A transaction with the user locked, refused if the session or the password went meanwhile.

        The user comes before the session, as wherever both are locked.
        """
        tenant_id, user_id = known.user.tenant_id, known.user.id
        async with writing(self._door.serving.engine, tenant_id) as session:
            user = await session.get_one(User, (tenant_id, user_id), with_for_update=True)
            row = await session.get(Session, (tenant_id, known.session_id), with_for_update=True)
            if row is None or row.ended_at is not None or row.needs is not known.needs:
                raise NotPresented
            if user.password_hash != known.user.password_hash or user.status is UserStatus.SUSPENDED:
                raise InvalidCredentials
            yield session, user


def _language_of(content: dict[str, Any]) -> Language:
    try:
        return Language(text_of(content, "language", 8))
    except ValueError:
        raise NotJson(f"The member language must be one of {', '.join(Language)}.") from None
