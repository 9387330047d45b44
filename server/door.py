"""Coming in: who is presented at the routes under /auth, and new sessions for whoever has shown who they are."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope

from auth import sessions
from auth.grants import Credential, Locked
from auth.needs import Proof, need_after
from auth.presence import Presence, load_presence
from auth.sessions import Ended
from domain.fencing import AccessChange, Consequence, note
from domain.refusals import Refused
from models import SessionKind, SessionNeed
from models.database import writing
from server.attempts import Attempts, TooManyAttempts
from server.bodies import NotJson, read_json
from server.contract import Serving
from server.credentials import cookie_credential, set_cookie
from server.origins import Origins
from server.replies import Header, Refusal

LIMIT = 16_384
MOST_WAITING = 24
HALF_WAY_IN = timedelta(hours=1)
_LABEL = 120


class InvalidCredentials(Refusal):
    """One answer for a wrong password, an unknown address or key, a suspended user and one who has no password."""

    def __init__(self) -> None:
        super().__init__(401, "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.")


class NotPresented(Refusal):
    """Nobody is signed in, or not any more."""

    def __init__(self) -> None:
        super().__init__(401, "UNAUTHENTICATED", "You are not signed in.")


class SessionInNeed(Refusal):
    """The session cannot act yet."""

    def __init__(self, need: SessionNeed) -> None:
        super().__init__(403, "SESSION_IN_NEED", "Finish signing in first.", more={"needs": need})


class ReauthenticationRequired(Refusal):
    """What is asked for takes somebody who has shown a moment ago who they are."""

    def __init__(self) -> None:
        message = "Show once more who you are, then try again."
        super().__init__(403, "REAUTHENTICATION_REQUIRED", message)


class ViewingOnly(Refusal):
    """Somebody of the staff looks through the eyes of another, and changes nothing."""

    def __init__(self) -> None:
        super().__init__(403, "VIEW_AS_READ_ONLY", "Viewing as somebody else changes nothing.")


@dataclass(frozen=True)
class Entry:
    """A session that was opened or has risen: its token, and what it still needs."""

    token: str
    needs: SessionNeed | None


@dataclass(frozen=True)
class Visit:
    """A transaction, and who is presented in it; whoever opened it commits."""

    session: AsyncSession
    presence: Presence


class Door:
    """What all routes under /auth share; one in each process."""

    def __init__(self, serving: Serving, origins: Origins, attempts: Attempts) -> None:
        self.serving = serving
        self.origins = origins
        self.attempts = attempts
        self._waiting = 0

    async def content(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        """What a page of ours has sent."""
        self.origins.require_genuine(scope)
        return await read_json(scope, receive, limit=LIMIT)

    @asynccontextmanager
    async def look(self, scope: Scope) -> AsyncGenerator[Visit]:
        """A visit that changes nothing: whoever is presented, whatever their session needs; NotPresented if nobody."""
        async with self._visit(scope, "read") as visit:
            yield visit

    @asynccontextmanager
    async def visit(self, scope: Scope) -> AsyncGenerator[Visit]:
        """A visit that may change something about the user: two of them come one after another."""
        async with self._visit(scope, "hold") as visit:
            yield visit

    @asynccontextmanager
    async def _visit(self, scope: Scope, lock: Locked) -> AsyncGenerator[Visit]:
        credential = self.origins.credential(scope)
        if credential is None:
            raise NotPresented
        async with writing(self.serving.engine, credential.tenant_id) as session:
            presence = await load_presence(session, credential, lock=lock)
            if presence is None:
                raise NotPresented
            yield Visit(session, presence)

    @asynccontextmanager
    async def changing(self, scope: Scope) -> AsyncGenerator[Visit]:
        """A visit of somebody whose session can act, and who acts for themselves."""
        async with self.visit(scope) as visit:
            require_able(visit.presence)
            yield visit

    @asynccontextmanager
    async def recent(self, scope: Scope) -> AsyncGenerator[Visit]:
        """A visit of somebody who has just shown who they are; also where a second factor is all that is missing."""
        async with self.visit(scope) as visit:
            if visit.presence.needs is not SessionNeed.FACTOR_ENROLMENT:
                require_able(visit.presence)
            require_own(visit.presence)
            if not visit.presence.recent:
                raise ReauthenticationRequired
            yield visit

    @contextmanager
    def in_line(self) -> Generator[None]:
        """A place among those who wait for a hash, which is the work of two threads; refused if too many do."""
        if self._waiting >= MOST_WAITING:
            raise TooManyAttempts(2)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def enter(
        self, scope: Scope, tenant_id: uuid.UUID, user_id: uuid.UUID, proof: Proof, password_hash: str | None = None
    ) -> Entry:
        """A new session for whoever has shown who they are; InvalidCredentials if they may not sign in (any more).

        The session the browser had is ended, so that none made by somebody else is taken over.
        """
        await self.leave(cookie_credential(scope["headers"]))
        now = self.serving.clock()
        async with writing(self.serving.engine, tenant_id) as session:
            if not await sessions.mark_signed_in(session, tenant_id, user_id, now=now, password_hash=password_hash):
                raise InvalidCredentials
            entry = await self.opened(session, scope, tenant_id, user_id, proof)
            await self.serving.publisher.commit(session)
        return entry

    async def opened(
        self, session: AsyncSession, scope: Scope, tenant_id: uuid.UUID, user_id: uuid.UUID, proof: Proof
    ) -> Entry:
        """A new session of a browser, in the transaction of the caller; it may need something before it can act."""
        settings = self.serving.settings
        needs = await need_after(session, tenant_id, user_id, proof, settings.require_second_factor)
        token = await sessions.open_session(
            session,
            tenant_id=tenant_id,
            user_id=user_id,
            kind=SessionKind.BROWSER,
            label=label_of(scope),
            now=datetime.now(UTC),
            lifetime=self._lifetime(needs),
            needs=needs,
        )
        return Entry(token, needs)

    async def risen(self, visit: Visit, proof: Proof) -> Entry:
        """The visitor's session with a new secret, after they have shown more of who they are."""
        session, who, policy = visit.session, visit.presence, self.serving.settings.require_second_factor
        needs = await need_after(session, who.tenant_id, who.user_id, proof, policy)
        if needs is who.needs:
            return Entry(await sessions.rotate(session, who), needs)
        lifetime = self._lifetime(needs)
        return Entry(await sessions.raise_session(session, who, needs=needs, lifetime=lifetime), needs)

    def _lifetime(self, needs: SessionNeed | None) -> timedelta:
        """Whoever has come half way in goes on within the hour, or begins again."""
        whole = timedelta(seconds=self.serving.settings.session_lifetime)
        return whole if needs is None else min(whole, HALF_WAY_IN)

    async def leave(self, credential: Credential | None) -> Ended | None:
        """End a session; when this returns, nothing is sent under it any more."""
        if credential is None:
            return None
        async with writing(self.serving.engine, credential.tenant_id) as session:
            ended = await sessions.end_presented(session, credential)
            if ended is None:
                return None
            for user_id in ended.users:
                # The sockets of the user look again: those of this session are closed, the others go on.
                note(session, AccessChange(credential.tenant_id, user_id, Consequence.REFRESH))
            await self.serving.publisher.commit(session)
        return ended

    def cookie(self, scope: Scope, token: str | None) -> Header:
        """The header by which the browser keeps the session, or forgets it."""
        settings = self.serving.settings
        https = (settings.public_origin or "").startswith("https://")
        lifetime = settings.session_lifetime if token is not None else 0
        return set_cookie(scope, token or "", lifetime=lifetime, https=https)


_STATUS = {
    "LINK_DEAD": 410,
    "INVALID_EMAIL": 400,
    "INVALID_LENGTH": 400,
    "INVALID_TEXT": 400,
    "INVALID_CODE": 401,
    "NOT_FOUND": 404,
}


def told(refused: Refused) -> Refusal:
    """What a rule has refused, as HTTP tells it."""
    return Refusal(_STATUS.get(refused.code, 409), refused.code, str(refused))


def require_able(presence: Presence) -> None:
    """Refuse whoever looks through the eyes of the user, and a session that still needs something."""
    require_own(presence)
    if presence.needs is not None:
        raise SessionInNeed(presence.needs)


def require_own(presence: Presence) -> None:
    """Refuse whoever looks through the eyes of the user."""
    if presence.viewed_by is not None:
        raise ViewingOnly


def address_of(scope: Scope) -> str:
    """Where the request comes from, behind the proxies that are trusted."""
    return scope["client"][0] if scope.get("client") else ""


def label_of(scope: Scope) -> str | None:
    """The browser's name for itself, by which a user tells sessions apart."""
    given = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return "".join(char for char in given.decode("latin-1") if char.isprintable())[:_LABEL] or None


def text_of(content: dict[str, Any], name: str, longest: int) -> str:
    """A member of the body that must be a text of 1 to ``longest`` characters."""
    given = content.get(name)
    if not isinstance(given, str) or not 1 <= len(given) <= longest:
        raise NotJson(f"The member {name} must be a string of 1 to {longest} characters.")
    return given
