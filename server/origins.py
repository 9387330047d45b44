"""Which pages may speak for a signed-in browser: the service's own, and those of the origins it was told to trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.grants import Credential
from server.credentials import bearer_credential, bearer_of, cookie_credential, cookie_of, credential_of
from server.replies import Header, Refusal, Reply
from server.settings import Settings
from server.tracing import trace_of

CLIENT_HEADER = b"x-portico-client"
_METHODS = b"GET, POST"
_HEADERS = b"authorization, content-type, x-portico-client, x-request-id, portico-cost"
_EXPOSED = b"retry-after, x-request-id"
_KEPT_FOR = b"600"
_VARY: Header = (b"vary", b"Origin")


@dataclass(frozen=True)
class Origins:
    """Our own origin where it is configured, and the further ones that are trusted."""

    public: str | None
    trusted: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The origins of the settings."""
        return cls(settings.public_origin, frozenset(settings.allowed_origins))

    def allowed_origin(self, scope: Scope) -> bool:
        """Whether the page behind a request or a WebSocket handshake may make it.

        Without an Origin header it was no page of another site: browsers say it wherever it matters.
        """
        given = _all(scope, b"origin")
        if not given:
            return True
        return len(given) == 1 and (given[0] == self.own(scope) or given[0] in self.trusted)

    def credential(self, scope: Scope) -> Credential | None:
        """What a request presents, refused if a cookie comes with it that its page may have no right to use."""
        headers = scope["headers"]
        bearer = bearer_of(headers)
        if bearer is not None:
            return bearer_credential(bearer)
        if cookie_of(headers) is not None:
            self.require_genuine(scope)
        return cookie_credential(headers)

    def reading(self, scope: Scope) -> Credential | None:
        """As ``credential``, for what a plain link leads to: no header of ours can come with that.

        It changes nothing, and what it answers is of no use to another site that could not read it anyway.
        """
        headers = scope["headers"]
        if bearer_of(headers) is None and cookie_of(headers) is not None:
            self._require_own_page(scope)
        return credential_of(headers)

    def require_genuine(self, scope: Scope) -> None:
        """Refuse what another site could make a browser send."""
        self._require_own_page(scope)
        if not any(_all(scope, CLIENT_HEADER)):
            raise Refusal(403, "CLIENT_HEADER_MISSING", "A request with a cookie needs the header X-Portico-Client.")

    def _require_own_page(self, scope: Scope) -> None:
        if not self.allowed_origin(scope):
            raise Refusal(403, "ORIGIN_NOT_ALLOWED", "Pages of this origin may not do this.")
        if not self._fetched_from_here(scope):
            raise Refusal(403, "CROSS_SITE_REQUEST", "Pages of other sites may not do this.")

    def own(self, scope: Scope) -> str | None:
        """The service's own origin. Behind a proxy that hides it, it must be configured."""
        if self.public is not None:
            return self.public
        hosts = _all(scope, b"host")
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        return f"{scheme}://{hosts[0]}" if len(hosts) == 1 else None

    def _fetched_from_here(self, scope: Scope) -> bool:
        site = set(_all(scope, b"sec-fetch-site"))
        # The origin was checked already, so a neighbour that names itself is one that is trusted.
        neighbours = {"same-site"} if _all(scope, b"origin") else set[str]()
        return site <= {"same-origin", "none"} | neighbours


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for given, value in scope["headers"] if given == name]


class Cors:
    """Lets pages of the trusted origins call and read; without any, no such header is ever sent."""

    def __init__(self, app: ASGIApp, *, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._origins.trusted:
            return await self._app(scope, receive, send)
        trusted = [origin for origin in _all(scope, b"origin") if origin in self._origins.trusted]
        if _is_preflight(scope):
            return await _preflight(scope, trusted).send(send)
        return await self._app(scope, receive, _sharing(send, _shared(trusted)))


def _is_preflight(scope: Scope) -> bool:
    asked = _all(scope, b"access-control-request-method")
    return scope["method"] == "OPTIONS" and bool(asked and _all(scope, b"origin"))


def _preflight(scope: Scope, trusted: list[str]) -> Reply:
    if not trusted:
        refusal = Refusal(403, "ORIGIN_NOT_ALLOWED", "Pages of this origin may not call this.", (_VARY,))
        return refusal.reply(trace_of(scope).request_id)
    allowed = ((b"access-control-allow-methods", _METHODS), (b"access-control-allow-headers", _HEADERS))
    return Reply(204, headers=(*_shared(trusted), *allowed, (b"access-control-max-age", _KEPT_FOR)))


def _shared(trusted: list[str]) -> tuple[Header, ...]:
    if not trusted:
        return (_VARY,)
    return (
        (b"access-control-allow-origin", trusted[0].encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", _EXPOSED),
        _VARY,
    )


def _sharing(send: Send, headers: tuple[Header, ...]) -> Send:
    async def sharing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return sharing
