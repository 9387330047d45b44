"""OAuth 2 for partners' applications as Authlib has it: client credentials, introspection, revocation.

Authlib's server is synchronous and knows no database. So whoever asks is looked up before it is asked, and what it
decides is carried out after it: in between nothing waits, and there is one way to read and one to commit.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# Authlib's own types say less than it does, so what is built on it is typed here.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.oauth2 import OAuth2Error, rfc6749, rfc7009, rfc7662

from auth.partners import is_secret
from models import PartnerSecret, Session

_core: Any = rfc6749
_Payload: Any = rfc6749.requests.BasicOAuth2Payload
_Introspecting: Any = rfc7662.IntrospectionEndpoint
_Revoking: Any = rfc7009.RevocationEndpoint
METHODS = ["client_secret_basic", "client_secret_post"]
GRANT = "client_credentials"


@dataclass
class Client:
    """An application as it is just now; ``proved`` is the secret it has shown to hold."""

    client_id: str
    secrets: Sequence[PartnerSecret]
    scopes: frozenset[str]
    proved: PartnerSecret | None = None

    def check_client_secret(self, given: str) -> bool:
        """Compare with every living secret, so that the time does not tell which one it was."""
        fitting = [one for one in self.secrets if is_secret(given, one.secret_hash)]
        self.proved = fitting[0] if fitting else None
        return self.proved is not None

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Both ways to send a secret are as good."""
        return method in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        """There is one."""
        return grant_type == GRANT


@dataclass(frozen=True)
class Token:
    """A living token of an application."""

    row: Session
    client_id: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime

    def check_client(self, client: Client) -> bool:
        """Whether it is this application's."""
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        """Expired ones are not found."""
        return False

    def is_revoked(self) -> bool:
        """Revoked ones are not found."""
        return False


@dataclass
class Answered:
    """What is to be answered, and what has to be done before."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class Exchange:
    """One request: what it says, who was found for it, and what Authlib made of it."""

    uri: str
    form: dict[str, str]
    authorization: str | None
    client: Client | None
    token: Token | None = None
    granted: frozenset[str] | None = None
    """The scopes of the token that is to be opened; None if it is to have all."""
    opens: bool = False
    revokes: Token | None = None


class _Request(_core.OAuth2Request):
    def __init__(self, exchange: Exchange) -> None:
        given = {} if exchange.authorization is None else {"Authorization": exchange.authorization}
        super().__init__("POST", exchange.uri, headers=given)
        self.exchange = exchange
        self.payload = _Payload(exchange.form)

    @property
    def form(self) -> dict[str, str]:
        return self.exchange.form


class _Grant(_core.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        """Scopes are asked for by name, and only those the application has."""
        client: Client = self.request.client
        asked = frozenset((self.request.payload.scope or "").split())
        if not client.scopes or not asked <= client.scopes:
            raise _core.InvalidScopeError(description="The application does not have these scopes.")


class _Introspection(_Introspecting):
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, _token: str, _hint: str | None) -> Token | None:
        return self.server.exchange.token

    def check_permission(self, token: Token, client: Client, _request: Any) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        return {
            "active": True,
            "client_id": token.client_id,
            "sub": token.client_id,
            "token_type": "Bearer",
            "scope": " ".join(sorted(token.scopes)),
            "iat": int(token.issued_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
        }


class _Revocation(_Revoking):
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, _token: str, _hint: str | None) -> Token | None:
        return self.server.exchange.token

    def authenticate_token(self, request: Any, client: Client) -> Token | None:
        # Another's token is answered as one that is none: nobody learns that it lives.
        self.check_params(request, client)
        token = self.query_token("", None)
        return token if token is not None and token.check_client(client) else None

    def revoke_token(self, token: Token, _request: Any) -> None:
        self.server.exchange.revokes = token


class _Server(_core.AuthorizationServer):
    """The rules, for one exchange."""

    def __init__(self, exchange: Exchange, seconds: int) -> None:
        super().__init__()
        self.exchange = exchange
        self._seconds = seconds
        self.register_grant(_Grant)
        self.register_endpoint(_Introspection)
        self.register_endpoint(_Revocation)
        self.register_token_generator("default", self._made)

    def query_client(self, client_id: str) -> Client | None:
        client = self.exchange.client
        return client if client is not None and client.client_id == client_id else None

    def authenticate_client(self, request: Any, methods: Any, endpoint: str = "token") -> Client:
        """One answer for an unknown application, a disabled one, no secret and a wrong one."""
        try:
            return super().authenticate_client(request, methods, endpoint)
        except _core.InvalidClientError:
            said = "The client id or the secret is wrong."
            raise _core.InvalidClientError(description=said, status_code=401) from None

    def _made(self, client: Client, scope: str | None, **_: Any) -> dict[str, Any]:
        asked = frozenset((scope or "").split())
        self.exchange.granted = asked or None
        said = " ".join(sorted(asked or client.scopes))
        return {"access_token": "", "token_type": "Bearer", "expires_in": self._seconds, "scope": said}

    def save_token(self, _token: Any, _request: Any) -> None:
        self.exchange.opens = True

    def create_oauth2_request(self, _request: Any) -> _Request:
        return _Request(self.exchange)

    def send_signal(self, name: str, *_args: Any, **_kwargs: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, _headers: Any) -> Answered:
        # RFC 7617 wants a realm, which Authlib does not name.
        challenge = {"www-authenticate": 'Basic realm="portico"'} if status == 401 else {}
        return Answered(status, dict(body), challenge)


def answer(exchange: Exchange, endpoint: str, seconds: int) -> Answered:
    """What to answer at an endpoint (token, introspection or revocation) once the exchange is carried out."""
    server = _Server(exchange, seconds)
    try:
        _check(exchange, endpoint)
        if endpoint == "token":
            return server.create_token_response()
        return server.create_endpoint_response(endpoint)
    except OAuth2Error as error:
        return server.handle_error_response(None, error)


def _check(exchange: Exchange, endpoint: str) -> None:
    if exchange.authorization is not None and "client_secret" in exchange.form:
        raise _core.InvalidRequestError(description="Send the secret once: in the header or in the body.")
    if endpoint == "token" and not exchange.form.get("grant_type"):
        raise _core.InvalidRequestError(description="The parameter grant_type is missing.")
