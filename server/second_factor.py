"""The second half of signing in, showing once more who one is, and what a session still needs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from starlette.routing import Route
from starlette.types import Receive, Scope

from auth import codes, passwords, sessions
from auth.needs import Proof
from auth.presence import Presence
from auth.sealing import Seal, Unsealable
from domain import factors
from domain.refusals import Refused
from models import Authenticator, SessionNeed, Tenant, User
from resolvers.ids import encode
from server.attempts import Subject, password_of, second_factor_of
from server.bodies import NotJson
from server.door import (
    Door,
    InvalidCredentials,
    NotPresented,
    Visit,
    address_of,
    require_able,
    require_own,
    text_of,
    told,
)
from server.replies import NO_STORE, Endpoint, Refusal, Reply, json_reply

PURPOSE = "secrets of code generators"
_LONGEST_CODE = 64


class SecondFactorNotNeeded(Refusal):
    """The session has no need of one."""

    def __init__(self) -> None:
        super().__init__(409, "SECOND_FACTOR_NOT_NEEDED", "No second factor is asked for.")


class SecondFactor:
    """Judges codes."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._seal = Seal(door.serving.settings.signing_key(), PURPOSE)

    def routes(self) -> list[Route]:
        """Where they are answered."""
        return [
            Route("/auth/session", Endpoint(self.session, "GET")),
            Route("/auth/second-factor", Endpoint(self.second_factor, "POST")),
            Route("/auth/reauthenticate", Endpoint(self.reauthenticate, "POST")),
        ]

    async def session(self, scope: Scope, _receive: Receive) -> Reply:
        """Who is signed in, or what they have yet to do; the same shape for nobody."""
        try:
            async with self._door.look(scope) as visit:
                return json_reply(200, await _standing(visit))
        except NotPresented:
            return json_reply(200, _NOBODY)

    async def second_factor(self, scope: Scope, receive: Receive) -> Reply:
        """Complete a sign-in with a code, or with a recovery code."""
        content = await self._door.content(scope, receive)
        name = "recoveryCode" if "recoveryCode" in content else "code"
        given = text_of(content, name, _LONGEST_CODE)
        async with self._door.look(scope) as visit:
            who = visit.presence
        if who.needs is not SessionNeed.SECOND_FACTOR:
            raise SecondFactorNotNeeded
        admission = await self._door.attempts.admit(_codes_of(who), address_of(scope))
        async with self._door.visit(scope) as visit:
            await self._judge(visit, name, given)
            entry = await self._door.risen(visit, Proof.SECOND_FACTOR)
            await self._door.serving.publisher.commit(visit.session)
        await self._door.attempts.forgive(admission)
        await self._welcome(scope, _codes_of(who), password_of(who.email))
        return json_reply(200, {"needs": entry.needs}, self._door.cookie(scope, entry.token))

    async def reauthenticate(self, scope: Scope, receive: Receive) -> Reply:
        """Show once more who one is, by the password or by a code."""
        content = await self._door.content(scope, receive)
        if ("password" in content) == ("code" in content):
            raise NotJson("Give either a password or a code.")
        if "password" in content:
            token = await self._by_password(scope, text_of(content, "password", passwords.LONGEST))
        else:
            token = await self._by_code(scope, text_of(content, "code", _LONGEST_CODE))
        return Reply(204, headers=(NO_STORE, self._door.cookie(scope, token)))

    async def _by_password(self, scope: Scope, password: str) -> str:
        async with self._door.look(scope) as visit:
            who = visit.presence
            require_able(who)
            stored = await _password_hash(visit)
        with self._door.in_line():
            admission = await self._door.attempts.admit(password_of(who.email), address_of(scope))
            if not await passwords.matches(password, stored):
                raise InvalidCredentials
        async with self._door.changing(scope) as visit:
            if await _password_hash(visit) != stored:
                raise InvalidCredentials
            token = await sessions.rotate(visit.session, who)
            await self._door.serving.publisher.commit(visit.session)
        await self._door.attempts.forgive(admission)
        return token

    async def _by_code(self, scope: Scope, code: str) -> str:
        async with self._door.look(scope) as visit:
            who = visit.presence
            require_able(who)
        admission = await self._door.attempts.admit(_codes_of(who), address_of(scope))
        async with self._door.changing(scope) as visit:
            await self._judge(visit, "code", code)
            token = await sessions.rotate(visit.session, who)
            await self._door.serving.publisher.commit(visit.session)
        await self._door.attempts.forgive(admission)
        return token

    async def _judge(self, visit: Visit, name: str, given: str) -> None:
        """Use the code up, or refuse it; two who send the same one come one after another."""
        require_own(visit.presence)
        now, actor = self._door.serving.clock(), visit.presence.actor
        try:
            if name == "recoveryCode":
                await factors.spend_recovery_code(visit.session, actor, given, on=now)
                return
            row = await factors.authenticator_of(visit.session, actor)
            step = None if row is None else codes.step_of(secret_of(self._seal, row), given, now)
            if row is None or step is None:
                raise factors.InvalidCode("The code is wrong, or was used already.")
            await factors.spend_step(visit.session, row, step)
        except Refused as refused:
            raise told(refused) from None

    async def _welcome(self, scope: Scope, *subjects: Subject) -> None:
        for subject in subjects:
            await self._door.attempts.welcome(subject, address_of(scope))


def secret_of(seal: Seal, row: Authenticator) -> str:
    """The secret of a generator. One that can no longer be read belongs to nobody: none of its codes fits."""
    try:
        return seal.open(row.secret, owner_of(row.tenant_id.bytes, row.user_id.bytes)).decode()
    except Unsealable:
        return codes.new_secret()


def owner_of(tenant_id: bytes, user_id: bytes) -> bytes:
    """What a generator's secret is bound to."""
    return tenant_id + user_id


def _codes_of(who: Presence) -> Subject:
    return second_factor_of(who.tenant_id, who.user_id)


async def _password_hash(visit: Visit) -> str | None:
    who = visit.presence
    query = select(User.password_hash).where(User.tenant_id == who.tenant_id, User.id == who.user_id)
    return await visit.session.scalar(query)


_NOBODY: dict[str, Any] = {
    "signedIn": False,
    "needs": None,
    "user": None,
    "tenant": None,
    "factors": None,
    "recentlyAuthenticated": False,
}


async def _standing(visit: Visit) -> dict[str, Any]:
    who = visit.presence
    held = await factors.held(visit.session, who.actor)
    tenant = (await visit.session.execute(select(Tenant.slug, Tenant.name).where(Tenant.id == who.tenant_id))).one()
    language = await visit.session.scalar(
        select(User.language).where(User.tenant_id == who.tenant_id, User.id == who.user_id)
    )
    return {
        "signedIn": who.needs is None,
        "needs": who.needs,
        "user": {
            "id": encode(User, who.user_id),
            "name": who.name,
            "email": who.email,
            "kind": who.user_kind,
            "language": language,
        },
        "tenant": {"slug": tenant.slug, "name": tenant.name},
        "factors": {
            "totp": held.authenticator is not None,
            "passkeys": len(held.passkeys),
            "recoveryCodes": held.recovery_codes,
        },
        "recentlyAuthenticated": who.recent,
    }
