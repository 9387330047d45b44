"""Signing in and out in a browser: a password for a session cookie, and the end of that session everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.routing import Route
from starlette.types import Receive, Scope

from auth import passwords
from auth.needs import Proof
from auth.sessions import Account, accounts_of
from models.database import across_tenants
from server.attempts import Admission, password_of
from server.bodies import NotJson, require_json
from server.door import Door, Entry, InvalidCredentials, address_of
from server.replies import Endpoint, Refusal, Reply, json_reply
from server.sso import SingleSignOn
from server.temporary import redeemed


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
    """Signing in with a password, and signing out."""

    def __init__(self, door: Door, single: SingleSignOn) -> None:
        self._door = door
        self._single = single

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {"/auth/sign-in": self.sign_in, "/auth/sign-out": self.sign_out}
        return [Route(path, Endpoint(answer, "POST")) for path, answer in answers.items()]

    async def sign_in(self, scope: Scope, receive: Receive) -> Reply:
        """Open a session for an e-mail address and its password."""
        given = _given(await self._door.content(scope, receive))
        with self._door.in_line():
            admission = await self._door.attempts.admit(password_of(given.email), address_of(scope))
            accounts = await self._accounts(given)
            temporary = await redeemed(self._door, scope, accounts, given.password)
            account, entry = temporary or await self._entered(scope, await _judged(accounts, given.password))
        await self._came_in(scope, given.email, admission, entry)
        answer = {"tenant": {"slug": account.tenant_slug}, "needs": entry.needs}
        return json_reply(200, answer, self._door.cookie(scope, entry.token))

    async def sign_out(self, scope: Scope, _receive: Receive) -> Reply:
        """End the session that is presented; when this is answered, nothing is sent under it any more.

        Whoever came by single sign-on is told where to go to be signed out there too.
        """
        require_json(scope)
        credential = self._door.origins.credential(scope)
        ended = await self._door.leave(credential)
        redirect = None
        if credential is not None and ended is not None and ended.provider_id is not None:
            redirect = await self._single.way_out(scope, credential.tenant_id, ended.provider_id)
        return json_reply(200, {"redirect": redirect}, self._door.cookie(scope, None))

    async def _accounts(self, given: Given) -> list[Account]:
        """The accounts the password may open."""
        async with across_tenants(self._door.serving.engine, "app.sign_in_email", given.email) as connection:
            accounts = await accounts_of(connection, given.email)
        if given.tenant is not None:
            return [account for account in accounts if account.tenant_slug == given.tenant]
        return accounts

    async def _entered(self, scope: Scope, account: Account) -> tuple[Account, Entry]:
        known = account.tenant_id, account.user_id
        return account, await self._door.enter(scope, *known, Proof.PASSWORD, account.password_hash)

    async def _came_in(self, scope: Scope, email: str, admission: Admission, entry: Entry) -> None:
        """Who lacks a second factor is no guesser of passwords, but has not come in either."""
        await self._door.attempts.forgive(admission)
        if entry.needs is None:
            await self._door.attempts.welcome(password_of(email), address_of(scope))


async def _judged(accounts: list[Account], password: str) -> Account:
    """The one account the password opens."""
    opened = await _opened(accounts, password)
    if not opened:
        raise InvalidCredentials
    if len(opened) > 1:
        raise ChooseTenant(opened)
    return opened[0]


async def _opened(accounts: list[Account], password: str) -> list[Account]:
    """The active accounts the password fits. One hash is computed where there is no account at all."""
    if not accounts:
        await passwords.matches(password, None)
        return []
    fits = [await passwords.matches(password, account.password_hash) for account in accounts]
    return [account for account, fit in zip(accounts, fits, strict=True) if fit and account.active]


def _given(content: dict[str, object]) -> Given:
    email, password, tenant = (content.get(name) for name in ("email", "password", "tenant"))
    if not isinstance(email, str) or not 3 <= len(email.strip()) <= 320:
        raise NotJson("The member email must be a string of 3 to 320 characters.")
    if not isinstance(password, str) or not 1 <= len(password) <= passwords.LONGEST:
        raise NotJson(f"The member password must be a string of 1 to {passwords.LONGEST} characters.")
    if tenant is not None and not isinstance(tenant, str):
        raise NotJson("The member tenant must be a string.")
    return Given(email.strip().lower(), password, tenant)
