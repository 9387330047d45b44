"""How a process is: whether it lives, whether it may be sent requests, and what it has counted."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.routing import Route
from starlette.types import Receive, Scope

from server.credentials import bearer_of, is_loopback
from server.metrics import CONTENT_TYPE, exposition
from server.replies import NO_STORE, Endpoint, Refusal, Reply, json_reply

log = structlog.get_logger()

READY_WITHIN = 1.0
_FORWARDED = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-real-ip"})
Ready = Callable[[], Awaitable[Mapping[str, bool]]]


class Health:
    """The answers at /health and /metrics. ``token`` is what /metrics asks callers from other machines for."""

    def __init__(self, ready: Ready, token: str | None) -> None:
        self._ready = ready
        self._token = token

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {"/health/live": self.live, "/health/ready": self.ready, "/metrics": self.metrics}
        return [Route(path, Endpoint(answer, "GET", "HEAD")) for path, answer in answers.items()]

    async def live(self, _scope: Scope, _receive: Receive) -> Reply:
        """That this is answered at all is the answer: the loop turns."""
        return json_reply(200, {"live": True})

    async def ready(self, _scope: Scope, _receive: Receive) -> Reply:
        """Whether the process can serve just now, and what it lacks."""
        checks = await self._checks()
        ready = all(checks.values())
        return json_reply(200 if ready else 503, {"ready": ready, "checks": dict(checks)})

    async def _checks(self) -> Mapping[str, bool]:
        try:
            async with asyncio.timeout(READY_WITHIN):
                return await self._ready()
        except Exception as error:  # noqa: BLE001  (A check that fails is an answer too.)
            log.warning("readiness_not_known", error=type(error).__name__)
            return {"answered": False}

    async def metrics(self, scope: Scope, _receive: Receive) -> Reply:
        """The metrics of this process only: with several workers, whichever of them was asked."""
        if not self._may_read(scope):
            challenge = ((b"www-authenticate", b"Bearer"),)
            raise Refusal(401, "UNAUTHENTICATED", "Metrics need their bearer token.", challenge)
        return Reply(200, exposition(), ((b"content-type", CONTENT_TYPE.encode()), NO_STORE))

    def _may_read(self, scope: Scope) -> bool:
        given = bearer_of(scope["headers"])
        if self._token is not None and given is not None:
            return hmac.compare_digest(given.encode(), self._token.encode())
        return given is None and _is_from_here(scope)


def _is_from_here(scope: Scope) -> bool:
    """Whether the caller is on this machine, and no proxy on it that passes on somebody else's request."""
    headers = dict(scope["headers"])
    client = scope.get("client")
    try:
        near = client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
    return near and is_loopback(headers.get(b"host", b"").decode("latin-1")) and not _FORWARDED & headers.keys()
