"""Passkeys: registering one, signing in with one, and doing without."""

from __future__ import annotations

import re
import secrets
import uuid
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Select, Update, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.routing import Route
from starlette.types import Receive, Scope

from auth import passkeys
from auth.needs import Proof
from domain import factors
from domain.refusals import Refused
from models import Passkey, SignInChallenge, Tenant
from models.database import writing
from server.attempts import Subject
from server.bodies import NotJson
from server.door import Door, InvalidCredentials, address_of, text_of, told
from server.factors import shown_passkey
from server.replies import NO_STORE, Endpoint, Refusal, Reply, json_reply

CHALLENGE_LIVES = timedelta(minutes=5)
_ID = re.compile(r"pky_([0-9a-f]{32})")
_CLEANED_AT_ONCE = 100


class PasskeyNotAccepted(Refusal):
    """What the browser made is no passkey for us, or it took too long."""

    def __init__(self) -> None:
        super().__init__(400, "PASSKEY_REFUSED", "The passkey could not be registered. Try again.")


class Passkeys:
    """The answers about passkeys."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {
            "/auth/passkey/options": self.options,
            "/auth/passkey/sign-in": self.sign_in,
            "/auth/passkey/register/options": self.register_options,
            "/auth/passkey/register": self.register,
            "/auth/passkey/remove": self.remove,
        }
        return [Route(path, Endpoint(answer, "POST")) for path, answer in answers.items()]

    async def options(self, scope: Scope, receive: Receive) -> Reply:
        """What the browser is to sign, whoever is at it."""
        await self._door.content(scope, receive)
        id, challenge = await self._challenge(None)
        return json_reply(
            200, {"id": str(id), "publicKey": passkeys.options_to_sign_in(self._site(scope), challenge=challenge)}
        )

    async def sign_in(self, scope: Scope, receive: Receive) -> Reply:
        """Open a session for whoever holds a passkey; it stands for password and second factor."""
        content = await self._door.content(scope, receive)
        id, credential = _answer_in(content)
        admission = await self._door.attempts.admit(_subject(credential), address_of(scope))
        challenge = await self._taken(id, None)
        try:
            claimed = passkeys.presented(credential)
            slug = await self._used(scope, credential, claimed, challenge)
        except passkeys.PasskeyRefused:
            raise InvalidCredentials from None
        entry = await self._door.enter(scope, claimed.tenant_id, claimed.user_id, Proof.PASSKEY)
        await self._door.attempts.forgive(admission)
        answer = {"tenant": {"slug": slug}, "needs": entry.needs}
        return json_reply(200, answer, self._door.cookie(scope, entry.token))

    async def register_options(self, scope: Scope, receive: Receive) -> Reply:
        """What the browser is asked to make."""
        await self._door.content(scope, receive)
        async with self._door.recent(scope) as visit:
            who = visit.presence
            known = [one.credential_id for one in (await factors.held(visit.session, who.actor)).passkeys]
        id, challenge = await self._challenge(who.session_id)
        asked = passkeys.options_to_register(
            self._site(scope),
            challenge=challenge,
            handle=passkeys.handle_of(who.tenant_id, who.user_id),
            email=who.email,
            name=who.name,
            known=known,
        )
        return json_reply(200, {"id": str(id), "publicKey": asked})

    async def register(self, scope: Scope, receive: Receive) -> Reply:
        """Keep what the browser has made."""
        content = await self._door.content(scope, receive)
        id, credential = _answer_in(content)
        label = text_of(content, "label", 80)
        async with self._door.recent(scope) as visit:
            who = visit.presence
        challenge = await self._taken(id, who.session_id)
        given = _new_passkey(self._site(scope), credential, challenge, label)
        async with self._door.recent(scope) as visit:
            try:
                row, made = await factors.add_passkey(visit.session, who.actor, given, on=self._door.serving.clock())
            except Refused as refused:
                raise told(refused) from None
            entry = await self._door.risen(visit, Proof.PASSKEY)
            shown = shown_passkey(row)
            await self._door.serving.publisher.commit(visit.session)
        answer = {"passkey": shown, "recoveryCodes": made, "needs": entry.needs}
        return json_reply(200, answer, self._door.cookie(scope, entry.token))

    async def remove(self, scope: Scope, receive: Receive) -> Reply:
        """Do without a passkey."""
        match = _ID.fullmatch(text_of(await self._door.content(scope, receive), "id", 64))
        id = uuid.UUID(match[1]) if match else uuid.UUID(int=0)
        policy, now = self._door.serving.settings.require_second_factor, self._door.serving.clock()
        async with self._door.recent(scope) as visit:
            try:
                await factors.remove_passkey(visit.session, visit.presence.actor, id, policy, on=now)
            except Refused as refused:
                raise told(refused) from None
            await self._door.serving.publisher.commit(visit.session)
        return Reply(204, headers=(NO_STORE,))

    def _site(self, scope: Scope) -> passkeys.Site:
        own = self._door.origins.own(scope)
        if own is None:
            raise NotJson("The request must have one Host header.")
        return passkeys.Site.of([own, *self._door.origins.trusted])

    async def _used(
        self, scope: Scope, credential: dict[str, Any], claimed: passkeys.Presented, challenge: bytes
    ) -> str:
        """Note the use of a passkey; the tenant's short name. An unknown passkey takes as much work as a wrong one."""
        async with writing(self._door.serving.engine, claimed.tenant_id) as session:
            row = (await session.execute(_claimed(claimed))).one_or_none()
            key = None if row is None else (row.public_key, row.sign_count)
            count = passkeys.verified_use(self._site(scope), credential, challenge, key)
            assert row is not None
            await session.execute(_using(claimed, count))
            await session.commit()
        return row.slug

    async def _challenge(self, session_id: uuid.UUID | None) -> tuple[uuid.UUID, bytes]:
        """A new challenge, which is forgotten after five minutes; some that are forgotten are removed."""
        challenge = secrets.token_bytes(32)
        table = SignInChallenge
        adding = (
            insert(table)
            .values(
                id=uuid.uuid4(),
                challenge=challenge,
                session_id=session_id,
                expires_at=func.clock_timestamp() + CHALLENGE_LIVES,
            )
            .returning(table.id)
        )
        old = select(table.id).where(table.expires_at < func.clock_timestamp()).limit(_CLEANED_AT_ONCE)
        async with self._door.serving.engine.begin() as connection:
            await connection.execute(delete(table).where(table.id.in_(old.with_for_update(skip_locked=True))))
            return (await connection.execute(adding)).scalar_one(), challenge

    async def _taken(self, id: uuid.UUID | None, session_id: uuid.UUID | None) -> bytes:
        """The challenge of this id, which nobody else can take any more; one nobody was given if there is none."""
        async with self._door.serving.engine.begin() as connection:
            taken = await _take(connection, id or uuid.UUID(int=0), session_id)
        return taken or secrets.token_bytes(32)


async def _take(connection: AsyncConnection, id: uuid.UUID, session_id: uuid.UUID | None) -> bytes | None:
    table = SignInChallenge
    taking = (
        delete(table)
        .where(table.id == id, table.session_id.is_not_distinct_from(session_id))
        .where(table.expires_at > func.clock_timestamp())
        .returning(table.challenge)
    )
    return (await connection.execute(taking)).scalar_one_or_none()


def _claimed(claimed: passkeys.Presented) -> Select[bytes, int, str]:
    return (
        select(Passkey.public_key, Passkey.sign_count, Tenant.slug)
        .join(Tenant, Tenant.id == Passkey.tenant_id)
        .where(
            Passkey.tenant_id == claimed.tenant_id,
            Passkey.user_id == claimed.user_id,
            Passkey.credential_id == claimed.credential_id,
        )
        .with_for_update(of=Passkey)
    )


def _using(claimed: passkeys.Presented, count: int) -> Update:
    return (
        update(Passkey)
        .where(Passkey.tenant_id == claimed.tenant_id, Passkey.credential_id == claimed.credential_id)
        .values(sign_count=count, last_used_at=func.now())
        .execution_options(synchronize_session=False)
    )


def _new_passkey(site: passkeys.Site, credential: dict[str, Any], challenge: bytes, label: str) -> factors.NewPasskey:
    try:
        made = passkeys.verified_registration(site, credential, challenge)
    except passkeys.PasskeyRefused:
        raise PasskeyNotAccepted from None
    return factors.NewPasskey(made.credential_id, made.public_key, made.sign_count, made.transports, label)


def _answer_in(content: dict[str, Any]) -> tuple[uuid.UUID | None, dict[str, Any]]:
    """Which challenge was answered, and the browser's answer to it."""
    credential = content.get("credential")
    if not isinstance(credential, dict):
        raise NotJson("The member credential must be an object.")
    try:
        id = uuid.UUID(text_of(content, "id", 64))
    except ValueError:
        id = None
    return id, cast("dict[str, Any]", credential)


def _subject(credential: dict[str, Any]) -> Subject:
    """A passkey cannot be guessed; what is counted is how often one and the same is tried."""
    return Subject(("passkey", str(credential.get("id"))[:1_024]))
