"""Speaking OpenID Connect with a tenant's identity provider: its metadata and keys, the code flow, and its tokens."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, cast
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import is_secure_transport
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signatures of a provider's own key. With any other, whoever knows the client's secret could sign."""
LEEWAY = 60
"""Seconds by which the provider's clock may be off."""
_KEPT = 600.0
_PATIENCE = 5.0
_LARGEST = 1_000_000
_AGAIN_AFTER = 30.0


class ProviderUnavailable(Exception):
    """The provider cannot be reached, or does not speak as it should."""


class SignInRefused(Exception):
    """The provider has refused, or what it said is not believed."""


@dataclass(frozen=True)
class Provider:
    """What signing in at a provider takes."""

    tenant_id: uuid.UUID
    id: uuid.UUID
    issuer: str
    client_id: str
    client_secret: str | None
    signing_algorithm: str
    scopes: tuple[str, ...] = ()
    group_claim: str | None = None


@dataclass(frozen=True)
class Attempt:
    """What is remembered, in the browser alone, between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Self:
        """Fresh values, each of them unguessable."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True)
class Claims:
    """Who the provider says somebody is. ``email`` is one it has verified, or None."""

    issuer: str
    subject: str
    email: str | None
    name: str | None
    groups: frozenset[str]


@dataclass(frozen=True)
class Metadata:
    """What a provider tells of itself at its well-known address."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    auth_methods: frozenset[str]
    names_itself: bool
    """Whether it says in every answer whose answer it is."""


@dataclass
class _Known:
    metadata: Metadata
    keys: KeySet
    read_at: float


@dataclass
class Providers:
    """The providers this process has spoken with; what they tell of themselves is kept for a while."""

    _known: dict[str, _Known] = field(default_factory=dict[str, _Known])

    async def metadata(self, provider: Provider) -> Metadata:
        """Where the provider's endpoints are."""
        return (await self._of(provider, _KEPT)).metadata

    async def way_in(self, provider: Provider, attempt: Attempt, redirect_uri: str) -> str:
        """Where the browser is sent to sign in."""
        metadata = await self.metadata(provider)
        client = _client(provider, metadata, redirect_uri)
        url, _ = client.create_authorization_url(
            metadata.authorization_endpoint, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier
        )
        await client.aclose()
        return url

    async def way_out(self, provider: Provider, redirect_uri: str) -> str | None:
        """Where the browser is sent to end the session at the provider too; None if the provider has no such place."""
        endpoint = (await self.metadata(provider)).end_session_endpoint
        if endpoint is None:
            return None
        query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": redirect_uri})
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{query}"

    async def come_back(
        self, provider: Provider, attempt: Attempt, answer: Mapping[str, str], redirect_uri: str, now: datetime
    ) -> Claims:
        """Who has come back with ``answer``; SignInRefused if that cannot be believed."""
        metadata = await self.metadata(provider)
        code = _code(provider, metadata, attempt, answer)
        async with _client(provider, metadata, redirect_uri) as client:
            token = await _exchanged(client, metadata, code, attempt)
            claims = await self._believed(provider, token, attempt.nonce, now)
            return _claims(provider, await _completed(client, metadata, claims))

    async def _believed(
        self, provider: Provider, token: Mapping[str, Any], nonce: str, now: datetime
    ) -> dict[str, Any]:
        known = await self._of(provider, _KEPT)
        try:
            return believed(provider, known.keys, token.get("id_token"), nonce, now)
        except UnknownKey:
            # The provider may have changed its keys since they were read; it is asked again, but not for every token.
            known = await self._of(provider, _AGAIN_AFTER)
            return believed(provider, known.keys, token.get("id_token"), nonce, now)

    async def _of(self, provider: Provider, kept: float) -> _Known:
        known = self._known.get(provider.issuer)
        if known is None or time.monotonic() - known.read_at > kept:
            known = self._known[provider.issuer] = await _read(provider)
        return known


class UnknownKey(SignInRefused):
    """The token is signed with a key the provider did not name."""


async def _read(provider: Provider) -> _Known:
    try:
        async with httpx2.AsyncClient(timeout=_PATIENCE) as client:
            told = await _document(client, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            metadata = _metadata(provider, told)
            keys = KeySet.import_key_set(cast("Any", await _document(client, metadata.jwks_uri)))
    except (httpx2.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderUnavailable(type(error).__name__) from error
    return _Known(metadata, keys, time.monotonic())


async def _document(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    response = await client.get(url)
    response.raise_for_status()
    if len(response.content) > _LARGEST:
        raise ValueError("too large")
    content = response.json()
    if not isinstance(content, dict):
        raise TypeError("not an object")
    return cast("dict[str, Any]", content)


def _metadata(provider: Provider, told: Mapping[str, Any]) -> Metadata:
    if told["issuer"] != provider.issuer:
        raise ValueError("the provider calls itself otherwise")
    made = Metadata(
        authorization_endpoint=told["authorization_endpoint"],
        token_endpoint=told["token_endpoint"],
        jwks_uri=told["jwks_uri"],
        userinfo_endpoint=told.get("userinfo_endpoint"),
        end_session_endpoint=told.get("end_session_endpoint"),
        auth_methods=frozenset(told.get("token_endpoint_auth_methods_supported", ("client_secret_basic",))),
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
    )
    urls = (made.authorization_endpoint, made.token_endpoint, made.jwks_uri, made.userinfo_endpoint)
    if not all(is_secure_transport(url) for url in (*urls, made.end_session_endpoint) if url is not None):
        raise ValueError("an address that is not secure")
    return made


def _client(provider: Provider, metadata: Metadata, redirect_uri: str) -> Any:
    # Authlib's client has no types.
    basic = "client_secret_basic" in metadata.auth_methods
    method = "client_secret_basic" if basic else "client_secret_post"
    made: Any = AsyncOAuth2Client
    return made(
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        token_endpoint_auth_method=method if provider.client_secret is not None else "none",
        scope=" ".join(dict.fromkeys(("openid", "email", "profile", *provider.scopes))),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        timeout=_PATIENCE,
    )


def _code(provider: Provider, metadata: Metadata, attempt: Attempt, answer: Mapping[str, str]) -> str:
    """The code of an answer that is this provider's, to this attempt."""
    if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
        raise SignInRefused("another state")
    if answer.get("iss", None if metadata.names_itself else provider.issuer) != provider.issuer:
        raise SignInRefused("the answer of another provider")
    if "code" not in answer or "error" in answer:
        raise SignInRefused("the provider refused")
    return answer["code"]


async def _exchanged(client: Any, metadata: Metadata, code: str, attempt: Attempt) -> dict[str, Any]:
    try:
        token = await client.fetch_token(
            metadata.token_endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=attempt.verifier,
            redirect_uri=client.redirect_uri,
        )
    except AuthlibBaseError as error:
        raise SignInRefused("the provider does not take the code") from error
    except (httpx2.HTTPError, ValueError) as error:
        raise ProviderUnavailable(type(error).__name__) from error
    return dict(token)


async def _completed(client: Any, metadata: Metadata, claims: dict[str, Any]) -> dict[str, Any]:
    """The claims of the token, and with them those that the provider tells only when asked."""
    if metadata.userinfo_endpoint is None:
        return claims
    try:
        told = await client.get(metadata.userinfo_endpoint)
        told.raise_for_status()
        content: Any = told.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise ProviderUnavailable(type(error).__name__) from error
    said = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
    if said.get("sub") != claims["sub"]:
        raise SignInRefused("the provider speaks of somebody else")
    return {**said, **claims}


def believed(provider: Provider, keys: KeySet, id_token: object, nonce: str, now: datetime) -> dict[str, Any]:
    """The claims of an id_token that was made by the provider, for us, in answer to this attempt, and is still good."""
    if not isinstance(id_token, str) or provider.signing_algorithm not in ALGORITHMS:
        raise SignInRefused("no id_token")
    try:
        token = jwt.decode(id_token, keys, algorithms=[provider.signing_algorithm])
        _registry(provider, nonce, now).validate(token.claims)
    except InvalidKeyIdError as error:
        raise UnknownKey("signed with a key the provider has not named") from error
    except (JoseError, ValueError) as error:
        raise SignInRefused(type(error).__name__) from error
    if token.claims.get("azp", provider.client_id) != provider.client_id:
        raise SignInRefused("made for another client")
    return dict(token.claims)


def _registry(provider: Provider, nonce: str, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


def _claims(provider: Provider, claims: Mapping[str, Any]) -> Claims:
    email, name = claims.get("email"), claims.get("name")
    verified = isinstance(email, str) and claims.get("email_verified") is True
    return Claims(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=email.strip().lower() if isinstance(email, str) and verified else None,
        name=name if isinstance(name, str) and name.strip() else None,
        groups=_groups(claims.get(provider.group_claim) if provider.group_claim else None),
    )


def _groups(told: Any) -> frozenset[str]:
    """The groups of a claim: a list of names, or one. Whoever tells nothing is in none."""
    names = cast("list[Any]", told) if isinstance(told, list) else [told]
    return frozenset(one for one in names if isinstance(one, str))
