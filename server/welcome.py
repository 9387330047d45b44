"""The links that are mailed: accepting an invitation, and choosing a new password when the old one is forgotten.

What a link says is said in the body of a POST: the page has it from the fragment of its address, which no server sees.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route
from starlette.types import Receive, Scope

from auth import passwords, sessions
from auth.grants import Credential
from auth.needs import Proof
from auth.sessions import read_token
from domain import invitations, recovery
from domain.refusals import Refused
from domain.secrets import LinkDead
from models import Organization, Tenant, User
from models.database import writing
from outbox.queue import enqueue_by_name
from outbox.reset import sealed
from server.attempts import Subject
from server.bodies import NotJson
from server.credentials import cookie_credential
from server.door import Door, Entry, InvalidCredentials, address_of, text_of, told
from server.replies import Endpoint, Refusal, Reply, json_reply
from server.worker import post_office

_LONGEST_TOKEN = 128
_LONGEST_EMAIL = 320
_LONGEST_NAME = 191

Using = Callable[[AsyncSession, str], Awaitable[User]]
"""What a link does with the hash of the password that was chosen."""


class Welcome:
    """Coming in by a link."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._key = post_office(door.serving.settings).key

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {
            "/auth/invitation/look": self.look,
            "/auth/invitation/accept": self.accept,
            "/auth/reset/request": self.request_reset,
            "/auth/reset/look": self.look_at_reset,
            "/auth/reset/complete": self.complete_reset,
        }
        return [Route(path, Endpoint(answer, "POST")) for path, answer in answers.items()]

    async def look(self, scope: Scope, receive: Receive) -> Reply:
        """Who is invited to what; the link can be used afterwards."""
        credential = token_of(await self._door.content(scope, receive))
        async with writing(self._door.serving.engine, credential.tenant_id) as session:
            with refusals_told():
                invitation, user = await invitations.look(session, credential, on=self._door.serving.clock())
            organization = await session.get_one(Organization, (user.tenant_id, invitation.organization_id))
            tenant = await session.get_one(Tenant, user.tenant_id)
        answer = {"email": user.email, "name": user.name, "organization": {"name": organization.short_name}}
        answer |= {"tenant": _named(tenant), "expiresAt": invitation.expires_at, "language": user.language}
        return json_reply(200, answer)

    async def accept(self, scope: Scope, receive: Receive) -> Reply:
        """Choose a password, and be signed in."""
        content = await self._door.content(scope, receive)
        name = text_of(content, "name", _LONGEST_NAME) if content.get("name") is not None else None
        credential, on = token_of(content), self._door.serving.clock()

        async def owner(session: AsyncSession) -> User:
            return await invitations.hold(session, credential, on=on)

        async def use(session: AsyncSession, made: str) -> User:
            return await invitations.accept(session, credential, password_hash=made, name=name, on=on)

        return await self._chosen(scope, content, credential, owner, use)

    async def request_reset(self, scope: Scope, receive: Receive) -> Reply:
        """Have a link sent, if there is anybody to send it to: whether there is, is found out after the answer."""
        content = await self._door.content(scope, receive)
        email = text_of(content, "email", _LONGEST_EMAIL).strip().lower()
        if len(email) < 3:
            raise NotJson("The member email must be an e-mail address.")
        await self._door.attempts.admit(Subject(("reset", email)), address_of(scope))
        async with AsyncSession(self._door.serving.engine) as session:
            await enqueue_by_name(session, "begin_reset", asked=sealed(self._key, email))
            await session.commit()
        return json_reply(202, {})

    async def look_at_reset(self, scope: Scope, receive: Receive) -> Reply:
        """Whose password it is; the link can be used afterwards."""
        credential = token_of(await self._door.content(scope, receive))
        async with writing(self._door.serving.engine, credential.tenant_id) as session:
            with refusals_told():
                user = await recovery.look_at_reset(session, credential, on=self._door.serving.clock())
            tenant = await session.get_one(Tenant, user.tenant_id)
        return json_reply(200, {"email": user.email, "tenant": _named(tenant)})

    async def complete_reset(self, scope: Scope, receive: Receive) -> Reply:
        """Choose a new password; everybody who was signed in with the old one is not any more, but for this browser."""
        content = await self._door.content(scope, receive)
        credential, on = token_of(content), self._door.serving.clock()

        async def owner(session: AsyncSession) -> User:
            return await recovery.hold_reset(session, credential, on=on)

        async def use(session: AsyncSession, made: str) -> User:
            return await recovery.complete_reset(session, credential, password_hash=made, on=on)

        return await self._chosen(scope, content, credential, owner, use)

    async def _chosen(
        self,
        scope: Scope,
        content: dict[str, Any],
        credential: Credential,
        owner: Callable[[AsyncSession], Awaitable[User]],
        use: Using,
    ) -> Reply:
        """A password that is chosen by a link, and somebody who comes in with it."""
        serving = self._door.serving
        async with writing(serving.engine, credential.tenant_id) as session:
            with refusals_told():
                names = await recovery.names_of(session, await owner(session))
                made = await hashed(content, names)
                user = await use(session, made)
            entry = await entered(self._door, session, scope, user, Proof.PASSWORD)
            tenant = await session.get_one(Tenant, user.tenant_id)
            await serving.publisher.commit(session)
        # The session the browser had is nobody's any more, so that none made by somebody else is taken over.
        await self._door.leave(cookie_credential(scope["headers"]))
        return came_in(self._door, scope, tenant, entry)


class refusals_told:  # noqa: N801  (it reads as a statement)
    """Whatever a rule refuses in this block, as HTTP tells it."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        if isinstance(error, Refused):
            raise told(error) from None


def token_of(content: dict[str, Any]) -> Credential:
    """The token of a link. What is no token of ours is told like one that is dead."""
    credential = read_token(text_of(content, "token", _LONGEST_TOKEN))
    if credential is None:
        raise told(LinkDead())
    return credential


async def hashed(content: dict[str, Any], about: tuple[str, ...]) -> str:
    """The hash of the password that was chosen, refused if nobody should have it."""
    password = content.get("password")
    if not isinstance(password, str):
        raise NotJson("The member password must be a string.")
    try:
        return await passwords.hashed(password, about)
    except passwords.PasswordRefused as refusal:
        raise Refusal(400, refusal.code, str(refusal)) from None


async def entered(door: Door, session: AsyncSession, scope: Scope, user: User, proof: Proof) -> Entry:
    """A session for whoever has just chosen a password, in the same transaction."""
    await session.flush()
    now = door.serving.clock()
    if not await sessions.mark_signed_in(session, user.tenant_id, user.id, now=now, password_hash=user.password_hash):
        raise InvalidCredentials
    return await door.opened(session, scope, user.tenant_id, user.id, proof)


def came_in(door: Door, scope: Scope, tenant: Tenant, entry: Entry) -> Reply:
    """The answer to whoever has come in."""
    return json_reply(200, {"tenant": _named(tenant), "needs": entry.needs}, door.cookie(scope, entry.token))


def _named(tenant: Tenant) -> dict[str, str]:
    return {"slug": tenant.slug, "name": tenant.name}
