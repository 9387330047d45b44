"""Signing in and out in a browser: a password for a session cookie, and the end of that session everywhere."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Executable, func, update
from starlette.routing import Route
from starlette.types import Receive, Scope

from auth import passwords
from auth.grants import Credential
from auth.sessions import Account, accounts_of, open_session
from domain.fencing import AccessChange, Consequence, note
from models import Session, SessionKind, User, UserStatus
from models.database import across_tenants, writing
from server.attempts import Attempts, TooManyAttempts
from server.bodies import NotJson, read_json, require_json
from server.contract import Serving
from server.credentials import cookie_credential, set_cookie
from server.origins import Origins
from server.replies import NO_STORE, Endpoint, Refusal, Reply, json_reply

LIMIT = 4_096
MOST_WAITING = 24
_LABEL = 120


class InvalidCredentials(Refusal):
    """One answer for a wrong password, an unknown address, a suspended user and an account without a password."""

    def __init__(self) -> None:
        super().__init__(401, "INVALID_CREDENTIALS", "The e-mail address or the password is wrong.")


class ChooseTenant(Refusal):
    """The password opens accounts of several tenants; said only to who knows it."""

    def __init__(self, accounts: list[Account]) -> None:
        tenants = [{"slug": account.tenant_slug, "name": account.tenant_name} for account in accounts]
        message = "You have an account with more than one company. Choose one."
        super().__init__(409, "CHOOSE_TENANT", message, more={"tenants": tenants})


@dataclass(frozen=True)
class Given:
    """What was typed in."""

    email: str
    password: str
    tenant: str | None


class SignIn:
    """The answers at /auth."""

    def __init__(self, serving: Serving, origins: Origins, attempts: Attempts | None = None) -> None:
        self._serving = serving
        self._origins = origins
        self._attempts = attempts or Attempts()
        self._waiting = 0

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {"/auth/sign-in": self.sign_in, "/auth/sign-out": self.sign_out}
        return [Route(path, Endpoint(answer, "POST")) for path, answer in answers.items()]

    async def sign_in(self, scope: Scope, receive: Receive) -> Reply:
        """Open a session for an e-mail address and its password."""
        self._origins.require_genuine(scope)
        given = _given(await read_json(scope, receive, limit=LIMIT))
        address = scope["client"][0] if scope.get("client") else ""
        self._attempts.admit(given.email, address)
        account = await self._judged(given)
        token = await self._open(account, _label(scope), cookie_credential(scope["headers"]))
        self._attempts.succeeded(given.email, address)
        return json_reply(200, {"tenant": {"slug": account.tenant_slug}}, self._cookie(scope, token))

    async def sign_out(self, scope: Scope, _receive: Receive) -> Reply:
        """End the session that is presented; when this is answered, nothing is sent under it any more."""
        require_json(scope)
        credential = self._origins.credential(scope)
        if credential is not None:
            await self._end(credential)
        return Reply(204, headers=(NO_STORE, self._cookie(scope, None)))

    async def _judged(self, given: Given) -> Account:
        """The account the password opens. Hashing is the work of two threads, and only so many may wait for them."""
        if self._waiting >= MOST_WAITING:
            raise TooManyAttempts(2)
        self._waiting += 1
        try:
            return await self._account(given)
        finally:
            self._waiting -= 1

    async def _account(self, given: Given) -> Account:
        async with across_tenants(self._serving.engine, "app.sign_in_email", given.email) as connection:
            accounts = await accounts_of(connection, given.email)
        if given.tenant is not None:
            accounts = [account for account in accounts if account.tenant_slug == given.tenant]
        opened = await _opened(accounts, given.password)
        if not opened:
            raise InvalidCredentials
        if len(opened) > 1:
            raise ChooseTenant(opened)
        return opened[0]

    async def _open(self, account: Account, label: str | None, presented: Credential | None) -> str:
        """A new session; the one the browser had is ended, so that none made by somebody else is taken over."""
        if presented is not None:
            await self._end(presented)
        lifetime = timedelta(seconds=self._serving.settings.session_lifetime)
        now = datetime.now(UTC)
        async with writing(self._serving.engine, account.tenant_id) as session:
            # The row is locked and looked at again: a suspension or a new password may have come in between.
            if await session.scalar(_signed_in(account, now)) is None:
                raise InvalidCredentials
            token = await open_session(
                session,
                tenant_id=account.tenant_id,
                user_id=account.user_id,
                kind=SessionKind.BROWSER,
                label=label,
                now=now,
                lifetime=lifetime,
            )
            await self._serving.publisher.commit(session)
        return token

    async def _end(self, credential: Credential) -> None:
        ending = (
            update(Session)
            .where(Session.tenant_id == credential.tenant_id, Session.secret_hash == credential.secret_hash)
            .where(Session.ended_at.is_(None))
            .values(ended_at=func.clock_timestamp())
            .returning(Session.user_id)
            .execution_options(synchronize_session=False)
        )
        async with writing(self._serving.engine, credential.tenant_id) as session:
            user_id: uuid.UUID | None = await session.scalar(ending)
            if user_id is None:
                return
            # The sockets of the user look again: those of this session are closed, the others go on.
            note(session, AccessChange(credential.tenant_id, user_id, Consequence.REFRESH))
            await self._serving.publisher.commit(session)

    def _cookie(self, scope: Scope, token: str | None) -> tuple[bytes, bytes]:
        settings = self._serving.settings
        https = (settings.public_origin or "").startswith("https://")
        lifetime = settings.session_lifetime if token is not None else 0
        return set_cookie(scope, token or "", lifetime=lifetime, https=https)


async def _opened(accounts: list[Account], password: str) -> list[Account]:
    """The active accounts the password fits. One hash is computed where there is no account at all."""
    if not accounts:
        await passwords.matches(password, None)
        return []
    fits = [await passwords.matches(password, account.password_hash) for account in accounts]
    return [account for account, fit in zip(accounts, fits, strict=True) if fit and account.active]


def _signed_in(account: Account, now: datetime) -> Executable:
    return (
        update(User)
        .where(
            User.tenant_id == account.tenant_id,
            User.id == account.user_id,
            User.status == UserStatus.ACTIVE,
            User.archived_at.is_(None),
            User.password_hash == account.password_hash,
        )
        # Signing in is no edit of the user.
        .values(last_sign_in_at=now, updated_at=User.updated_at)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )


def _given(content: dict[str, object]) -> Given:
    email, password, tenant = (content.get(name) for name in ("email", "password", "tenant"))
    if not isinstance(email, str) or not 3 <= len(email.strip()) <= 320:
        raise NotJson("The member email must be a string of 3 to 320 characters.")
    if not isinstance(password, str) or not 1 <= len(password) <= passwords.LONGEST:
        raise NotJson(f"The member password must be a string of 1 to {passwords.LONGEST} characters.")
    if tenant is not None and not isinstance(tenant, str):
        raise NotJson("The member tenant must be a string.")
    return Given(email.strip().lower(), password, tenant)


def _label(scope: Scope) -> str | None:
    """The browser's name for itself, by which a user tells sessions apart."""
    given = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return "".join(char for char in given.decode("latin-1") if char.isprintable())[:_LABEL] or None
