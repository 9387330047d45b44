"""Managing one's own second factors: generators of codes, and recovery codes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import segno
from starlette.routing import Route
from starlette.types import Receive, Scope

from auth import codes
from auth.needs import Proof, factor_is_demanded
from auth.sealing import Seal
from domain import factors
from domain.refusals import Refused
from models import Passkey
from server.attempts import second_factor_of
from server.door import Door, address_of, text_of, told
from server.replies import NO_STORE, Endpoint, Reply, json_reply
from server.second_factor import PURPOSE, owner_of, secret_of

ISSUER = "Portico"
_MODULE = 4


class Factors:
    """The answers about one's own factors."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._seal = Seal(door.serving.settings.signing_key(), PURPOSE)

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {
            "/auth/totp/begin": self.begin,
            "/auth/totp/confirm": self.confirm,
            "/auth/totp/remove": self.remove,
            "/auth/recovery-codes": self.renew,
        }
        changes = [Route(path, Endpoint(answer, "POST")) for path, answer in answers.items()]
        return [Route("/auth/factors", Endpoint(self.list, "GET")), *changes]

    async def list(self, scope: Scope, _receive: Receive) -> Reply:
        """The factors one has, and whether one may be without."""
        async with self._door.look(scope) as visit:
            who, policy = visit.presence, self._door.serving.settings.require_second_factor
            held = await factors.held(visit.session, who.actor)
            required = await factor_is_demanded(visit.session, who.tenant_id, who.user_id, policy)
        totp = held.authenticator and {"createdAt": held.authenticator.created_at}
        keys = [shown_passkey(one) for one in held.passkeys]
        answer = {"totp": totp, "passkeys": keys, "recoveryCodes": held.recovery_codes, "required": required}
        return json_reply(200, answer)

    async def begin(self, scope: Scope, receive: Receive) -> Reply:
        """A new secret for a generator of codes, as text and as a picture to be scanned."""
        await self._door.content(scope, receive)
        secret = codes.new_secret()
        async with self._door.recent(scope) as visit:
            who = visit.presence
            sealed = self._seal.close(secret.encode(), owner_of(who.tenant_id.bytes, who.user_id.bytes))
            await factors.begin_authenticator(visit.session, who.actor, sealed)
            await self._door.serving.publisher.commit(visit.session)
        uri = codes.uri(secret, account=who.email, issuer=ISSUER)
        return json_reply(200, {"secret": secret, "uri": uri, "svg": _picture(uri)})

    async def confirm(self, scope: Scope, receive: Receive) -> Reply:
        """Take the new generator into use, once it has shown a code."""
        code = text_of(await self._door.content(scope, receive), "code", 64)
        async with self._door.recent(scope) as visit:
            who = visit.presence
        admission = await self._door.attempts.admit(second_factor_of(who.tenant_id, who.user_id), address_of(scope))
        now = self._door.serving.clock()
        async with self._door.recent(scope) as visit:
            with _telling():
                begun = await factors.begun_authenticator_of(visit.session, who.actor)
                step = codes.step_of(secret_of(self._seal, begun), code, now)
                if step is None:
                    raise factors.InvalidCode("The code is wrong. Is the clock of your device right?")
                made = await factors.confirm_authenticator(visit.session, who.actor, begun, step=step, on=now)
            entry = await self._door.risen(visit, Proof.SECOND_FACTOR)
            await self._door.serving.publisher.commit(visit.session)
        await self._door.attempts.forgive(admission)
        answer = {"recoveryCodes": made, "needs": entry.needs}
        return json_reply(200, answer, self._door.cookie(scope, entry.token))

    async def remove(self, scope: Scope, receive: Receive) -> Reply:
        """Do without a generator of codes."""
        await self._door.content(scope, receive)
        policy, now = self._door.serving.settings.require_second_factor, self._door.serving.clock()
        async with self._door.recent(scope) as visit:
            with _telling():
                await factors.remove_authenticator(visit.session, visit.presence.actor, policy, on=now)
            await self._door.serving.publisher.commit(visit.session)
        return Reply(204, headers=(NO_STORE,))

    async def renew(self, scope: Scope, receive: Receive) -> Reply:
        """New recovery codes, shown this once; the old ones are worth nothing from now on."""
        await self._door.content(scope, receive)
        now = self._door.serving.clock()
        async with self._door.recent(scope) as visit:
            with _telling():
                made = await factors.renew_recovery_codes(visit.session, visit.presence.actor, on=now)
            await self._door.serving.publisher.commit(visit.session)
        return json_reply(200, {"recoveryCodes": made})


def shown_passkey(row: Passkey) -> dict[str, Any]:
    """A passkey, as its owner sees it."""
    return {
        "id": f"pky_{row.id.hex}",
        "label": row.label,
        "createdAt": row.created_at,
        "lastUsedAt": row.last_used_at,
    }


def _picture(uri: str) -> str:
    """The QR code as SVG, black on white in any theme: cameras want it so."""
    return segno.make_qr(uri, error="m").svg_inline(scale=_MODULE, dark="#000", light="#fff", omitsize=True)


@contextmanager
def _telling() -> Generator[None]:
    try:
        yield
    except Refused as refused:
        raise told(refused) from None
