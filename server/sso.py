"""Single sign-on in a browser: to the identity provider, back from it, and out of it."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import orjson
import structlog
from sqlalchemy import any_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route
from starlette.types import Receive, Scope

from auth.actor import system_actor
from auth.needs import Proof
from auth.oidc import Attempt, Claims, Provider, Providers, ProviderUnavailable, SignInRefused
from auth.sealing import Seal, Unsealable
from auth.sessions import mark_signed_in, read_token
from domain import single_sign_on
from domain.single_sign_on import Arrival, NoAccount
from models import IdentityProvider, Session, Tenant, TenantStatus
from models.database import across_tenants, writing
from server.credentials import clear_short_cookie, cookie_credential, set_short_cookie, short_cookie
from server.door import Door, Entry
from server.replies import NO_STORE, Endpoint, Header, Refusal, Reply, json_reply

log = structlog.get_logger()

MINUTES = 10
"""For how long somebody may take to sign in at the provider."""
COOKIE = "portico-sso"
_LONGEST_PATH = 512
_MOST_FIELDS = 20


class UnknownProvider(Refusal):
    """The tenant has no such provider, or there is no such tenant."""

    def __init__(self) -> None:
        super().__init__(404, "SSO_UNKNOWN", "There is no such way to sign in.")


class StateInvalid(Exception):
    """Whoever comes back did not leave from this browser, or too long ago."""


@dataclass(frozen=True)
class Leaving:
    """What the browser keeps, sealed, while somebody signs in elsewhere."""

    tenant: str
    provider: str
    back_to: str
    at: float
    attempt: Attempt


class SingleSignOn:
    """The answers at /auth/sso and /auth/ways."""

    def __init__(self, door: Door, providers: Providers | None = None) -> None:
        self._door = door
        self._providers = providers or Providers()
        secret = door.serving.settings.signing_key()
        self._seal = Seal(secret, "single sign-on")
        self._secrets = Seal(secret, SECRETS)

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {
            "/auth/ways": self.ways,
            "/auth/sso/{tenant}/start": self.start,
            "/auth/sso/{tenant}/callback": self.come_back,
        }
        return [Route(path, Endpoint(answer, "GET")) for path, answer in answers.items()]

    async def ways(self, scope: Scope, _receive: Receive) -> Reply:
        """The ways to sign in for a tenant, or for the owner of an address: of that only the domain counts."""
        asked = _query(scope)
        found: Sequence[tuple[IdentityProvider, str]] = ()
        if "tenant" in asked:
            found = await self._found(Tenant.slug == asked["tenant"])
        elif "@" in asked.get("email", ""):
            domain = asked["email"].rpartition("@")[2].lower()
            found = await self._found(any_(IdentityProvider.domains) == domain)
        ways = [_way(provider, slug) for provider, slug in found]
        return json_reply(200, {"ways": [{"kind": "password"}, *ways]})

    async def start(self, scope: Scope, _receive: Receive) -> Reply:
        """Send the browser to the provider."""
        asked, slug = _query(scope), scope["path_params"]["tenant"]
        found = await self._found((Tenant.slug == slug) & (IdentityProvider.slug == asked.get("provider", "")))
        if not found:
            raise UnknownProvider
        provider, attempt = self._plain(found[0][0]), Attempt.new()
        try:
            url = await self._providers.way_in(provider, attempt, self._address(scope, slug))
        except ProviderUnavailable as error:
            return self._failed(scope, "SSO_UNAVAILABLE", error)
        back_to = _path(asked.get("return", "/"))
        leaving = Leaving(slug, str(provider.id), back_to, datetime.now(UTC).timestamp(), attempt)
        return _redirect(url, self._kept(scope, leaving))

    async def come_back(self, scope: Scope, _receive: Receive) -> Reply:
        """Take in whoever comes back from the provider."""
        try:
            return await self._welcome(scope)
        except StateInvalid as error:
            return self._failed(scope, "SSO_STATE_INVALID", error)
        except SignInRefused as error:
            return self._failed(scope, "SSO_REFUSED", error)
        except NoAccount as error:
            return self._failed(scope, "SSO_NO_ACCOUNT", error)
        except ProviderUnavailable as error:
            return self._failed(scope, "SSO_UNAVAILABLE", error)

    async def way_out(self, scope: Scope, tenant_id: uuid.UUID, provider_id: uuid.UUID) -> str | None:
        """Where the browser goes to be signed out at the provider as well, if the provider can be asked."""
        origin = self._door.origins.own(scope)
        async with writing(self._door.serving.engine, tenant_id) as session:
            row = await session.get(IdentityProvider, (tenant_id, provider_id))
        if row is None or row.archived_at is not None or origin is None:
            return None
        try:
            return await self._providers.way_out(self._plain(row), f"{origin}/sign-in")
        except ProviderUnavailable as error:
            log.warning("sso_failed", code="SSO_UNAVAILABLE", why=str(error))
            return None

    async def _welcome(self, scope: Scope) -> Reply:
        leaving = self._left(scope)
        found = await self._found(
            (Tenant.slug == leaving.tenant) & (IdentityProvider.id == uuid.UUID(leaving.provider))
        )
        if not found or leaving.tenant != scope["path_params"]["tenant"]:
            raise StateInvalid("another tenant or provider")
        provider = self._plain(found[0][0])
        here, now = self._address(scope, leaving.tenant), datetime.now(UTC)
        claims = await self._providers.come_back(provider, leaving.attempt, _query(scope), here, now)
        entry = await self._entered(scope, provider, claims)
        return _redirect(leaving.back_to, self._door.cookie(scope, entry.token), self._forgotten(scope))

    async def _entered(self, scope: Scope, provider: Provider, claims: Claims) -> Entry:
        """A session for whoever the provider has sent; the one the browser had is ended."""
        await self._door.leave(cookie_credential(scope["headers"]))
        serving, now = self._door.serving, self._door.serving.clock()
        async with writing(serving.engine, provider.tenant_id) as session:
            row = await session.get_one(IdentityProvider, (provider.tenant_id, provider.id))
            arrival = Arrival(claims.issuer, claims.subject, claims.email, claims.name, claims.groups)
            actor = system_actor(provider.tenant_id)
            user = await single_sign_on.admit(session, actor, row, arrival, on=now)
            await session.flush()
            if not await mark_signed_in(session, user.tenant_id, user.id, now=now, password_hash=None):
                raise NoAccount("There is no account for you here.")
            entry = await self._door.opened(session, scope, user.tenant_id, user.id, Proof.SINGLE_SIGN_ON)
            await _remember(session, entry.token, provider.id)
            await serving.publisher.commit(session)
        return entry

    async def _found(self, condition: Any) -> Sequence[tuple[IdentityProvider, str]]:
        """Providers of active tenants, with the tenants' short names."""
        query = (
            select(IdentityProvider, Tenant.slug)
            .join(Tenant, Tenant.id == IdentityProvider.tenant_id)
            .where(Tenant.status == TenantStatus.ACTIVE, IdentityProvider.archived_at.is_(None), condition)
            .order_by(Tenant.slug, IdentityProvider.slug)
            .limit(20)
        )
        # The address is nobody's, so no account is seen on the way.
        connecting = across_tenants(self._door.serving.engine, "app.sign_in_email", "-")
        async with connecting as connection, AsyncSession(connection, expire_on_commit=False) as session:
            return [(row, slug) for row, slug in await session.execute(query)]

    def _plain(self, row: IdentityProvider) -> Provider:
        secret = row.client_secret
        try:
            opened = None if secret is None else self._secrets.open(secret, row.tenant_id.bytes).decode()
        except Unsealable as error:
            raise ProviderUnavailable("its secret was sealed under another secret of the service") from error
        return Provider(
            tenant_id=row.tenant_id,
            id=row.id,
            issuer=row.issuer,
            client_id=row.client_id,
            client_secret=opened,
            signing_algorithm=row.signing_algorithm,
            scopes=tuple(row.scopes),
            group_claim=row.group_claim,
        )

    def _address(self, scope: Scope, tenant: str) -> str:
        """Where the provider sends the browser back to; it knows this address and accepts no other."""
        return f"{self._door.origins.own(scope)}/auth/sso/{quote(tenant)}/callback"

    def _kept(self, scope: Scope, leaving: Leaving) -> Header:
        sealed = base64.urlsafe_b64encode(self._seal.close(orjson.dumps(asdict(leaving)), b"")).rstrip(b"=")
        return set_short_cookie(scope, COOKIE, sealed.decode(), lifetime=MINUTES * 60, https=self._https)

    def _forgotten(self, scope: Scope) -> Header:
        return clear_short_cookie(scope, COOKIE, https=self._https)

    def _left(self, scope: Scope) -> Leaving:
        given = short_cookie(scope["headers"], COOKIE)
        if given is None:
            raise StateInvalid("no cookie")
        try:
            raw = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
            kept = orjson.loads(self._seal.open(raw, b""))
        except (binascii.Error, ValueError, Unsealable) as error:
            raise StateInvalid("no cookie of ours") from error
        attempt = Attempt(**kept.pop("attempt"))
        leaving = Leaving(**kept, attempt=attempt)
        if datetime.now(UTC).timestamp() - leaving.at > MINUTES * 60:
            raise StateInvalid("too long ago")
        if _query(scope).get("state") != leaving.attempt.state:
            raise StateInvalid("another state")
        return leaving

    @property
    def _https(self) -> bool:
        return (self._door.serving.settings.public_origin or "").startswith("https://")

    def _failed(self, scope: Scope, code: str, error: Exception) -> Reply:
        """Back to the page for signing in, which says why. The cookie of this attempt is of no use any more."""
        log.warning("sso_failed", code=code, why=str(error))
        return _redirect(f"/sign-in#error={code}", self._forgotten(scope))


SECRETS = "secrets of clients at identity providers"
"""The purpose those are sealed for."""


async def _remember(session: AsyncSession, token: str, provider_id: uuid.UUID) -> None:
    """Note in the session where its owner has to be signed out as well."""
    credential = read_token(token)
    assert credential is not None
    await session.execute(
        update(Session)
        .where(Session.tenant_id == credential.tenant_id, Session.secret_hash == credential.secret_hash)
        .values(provider_id=provider_id)
        .execution_options(synchronize_session=False)
    )


def _way(provider: IdentityProvider, tenant: str) -> dict[str, str]:
    start = f"/auth/sso/{quote(tenant)}/start?provider={quote(provider.slug)}"
    return {"kind": "sso", "tenant": tenant, "provider": provider.slug, "label": provider.label, "start": start}


def _query(scope: Scope) -> dict[str, str]:
    try:
        return dict(parse_qsl(scope["query_string"].decode("ascii"), max_num_fields=_MOST_FIELDS, errors="strict"))
    except ValueError:
        raise Refusal(400, "BAD_REQUEST", "The parameters of the URL cannot be read.") from None


def _path(given: str) -> str:
    """A path of ours to return to; anything that could lead elsewhere becomes the root."""
    parts = urlsplit(given)
    ours = given.startswith("/") and not parts.scheme and not parts.netloc and not given.startswith(("//", "/\\"))
    plain = given.isascii() and given.isprintable() and "\\" not in given and len(given) <= _LONGEST_PATH
    return given if ours and plain else "/"


def _redirect(url: str, *headers: Header) -> Reply:
    return Reply(303, headers=((b"location", url.encode("ascii")), NO_STORE, *headers))
