"""Where partners' applications get their tokens, ask about them and give them back: RFC 6749, 7662, 7009 and 8414."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from auth.partners import client_id_of, read_client_id
from auth.permissions import PARTNER_SCOPES
from auth.sessions import read_token
from domain import partners
from models import (
    Grant,
    PartnerApplication,
    PartnerSecret,
    PartnerStatus,
    Session,
    SessionKind,
    Tenant,
    TenantStatus,
)
from models.database import writing
from server import oauth_rules as rules
from server.attempts import Attempts, Subject
from server.bodies import read_body
from server.contract import Serving
from server.credentials import is_loopback
from server.oauth_rules import Answered, Client, Exchange, Token
from server.replies import Endpoint, Refusal, Reply, json_reply
from server.tracing import trace_of

LIMIT = 8_192
SECONDS = int(partners.TOKEN_LIFETIME.total_seconds())
_FORM = b"application/x-www-form-urlencoded"
_NO_CACHE = (b"pragma", b"no-cache")
PATHS = {"token": "/oauth/token", "introspection": "/oauth/introspect", "revocation": "/oauth/revoke"}
METADATA = "/.well-known/oauth-authorization-server"
# What a refusal of ours is called where OAuth's own names are expected.
_NAMES = {429: "slow_down", 500: "server_error", 503: "temporarily_unavailable"}


def wrong_secret(client_id: str) -> Subject:
    """The secret of an application."""
    return Subject(("partner secret", client_id))


class OAuth:
    """The answers at /oauth."""

    def __init__(self, serving: Serving, attempts: Attempts) -> None:
        self._serving = serving
        self._attempts = attempts

    def routes(self) -> list[Route]:
        """Where they are answered."""
        posts = [Route(path, _Posted(self, name)) for name, path in PATHS.items()]
        return [*posts, Route(METADATA, Endpoint(self._metadata, "GET"))]

    async def answer(self, scope: Scope, receive: Receive, endpoint: str) -> Reply:
        """Answer one request: look up whom it names, ask the rules, and carry out what they decide."""
        form = await _form(scope, receive)
        authorization = _authorization(scope)
        client_id = _client_id(form, authorization)
        tenant_id, _ = read_client_id(client_id)
        async with writing(self._serving.engine, tenant_id) as session:
            exchange = Exchange(self._uri(scope, endpoint), form, authorization, await _client(session, client_id))
            if exchange.client is not None and "token" in form:
                exchange.token = await _token(session, exchange.client, form["token"])
            answered = await self._carried_out(session, exchange, rules.answer(exchange, endpoint, SECONDS))
        if answered.status == 401:
            # A right secret is never kept waiting, whoever else tries; a wrong one is, longer each time.
            await self._attempts.admit(wrong_secret(client_id), scope["client"][0] if scope.get("client") else "")
        return _reply(answered)

    async def _carried_out(self, session: AsyncSession, exchange: Exchange, answered: Answered) -> Answered:
        if exchange.opens and exchange.client is not None and exchange.client.proved is not None:
            try:
                token = await partners.open_token(session, exchange.client.proved, exchange.granted)
            except partners.Unproved:
                # It was ended between looking and opening: answered as if it had been before.
                exchange.client = None
                return rules.answer(exchange, "token", SECONDS)
            await self._serving.publisher.commit(session)
            answered.body["access_token"] = token
        elif exchange.revokes is not None:
            await partners.revoke_token(session, exchange.revokes.row)
            await self._serving.publisher.commit(session)
        return answered

    def _uri(self, scope: Scope, endpoint: str) -> str:
        """The address as the client sees it: behind a proxy, or on this machine alone, it is safe without TLS here."""
        settings = self._serving.settings
        safe = "https" in (scope["scheme"], settings.origin.partition(":")[0]) or is_loopback(settings.host)
        return f"{'https' if safe else 'http'}://{settings.host}{PATHS[endpoint]}"

    async def _metadata(self, _scope: Scope, _receive: Receive) -> Reply:
        origin = self._serving.settings.origin
        found = {f"{name}_endpoint": origin + path for name, path in PATHS.items()}
        methods = {f"{name}_endpoint_auth_methods_supported": rules.METHODS for name in PATHS}
        said: dict[str, Any] = {"issuer": origin, **found, **methods, "grant_types_supported": [rules.GRANT]}
        # There is no endpoint that would take a response type, but the list itself is required.
        return json_reply(200, {**said, "response_types_supported": [], "scopes_supported": sorted(PARTNER_SCOPES)})


class _Posted:
    """The ASGI application of one endpoint; whatever goes wrong is told in OAuth's own words."""

    def __init__(self, oauth: OAuth, endpoint: str) -> None:
        self._oauth = oauth
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _require_post(scope)
            reply = await self._oauth.answer(scope, receive, self._endpoint)
        except Refusal as refusal:
            reply = _refused(refusal, trace_of(scope).request_id)
        await reply.send(send)


def _require_post(scope: Scope) -> None:
    if scope["method"] != "POST":
        raise Refusal(405, "METHOD_NOT_ALLOWED", "Use POST.", ((b"allow", b"POST"),))


def _refused(refusal: Refusal, request_id: str) -> Reply:
    said = {"error": _NAMES.get(refusal.status, "invalid_request"), "error_description": refusal.message}
    return json_reply(refusal.status, {**said, "request_id": request_id}, _NO_CACHE, *refusal.all_headers())


def _reply(answered: Answered) -> Reply:
    headers = [(name.encode(), value.encode()) for name, value in answered.headers.items()]
    return json_reply(answered.status, answered.body, _NO_CACHE, *headers)


async def _form(scope: Scope, receive: Receive) -> dict[str, str]:
    """The parameters of the body; each may be there once."""
    types = [value for name, value in scope["headers"] if name == b"content-type"]
    if len(types) != 1 or types[0].partition(b";")[0].strip().lower() != _FORM:
        raise Refusal(400, "BAD_REQUEST", "The body must be application/x-www-form-urlencoded.")
    body = await read_body(scope, receive, limit=LIMIT)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise Refusal(400, "BAD_REQUEST", "The body is no well-formed form in UTF-8.") from None
    if len(dict(pairs)) != len(pairs) or any("\0" in value for _, value in pairs):
        raise Refusal(400, "BAD_REQUEST", "A parameter is repeated, or holds what it may not.")
    # RFC 6749 3.2: a parameter without a value counts as left out.
    return {name: value for name, value in pairs if value}


def _authorization(scope: Scope) -> str | None:
    """The Basic header, written anew so that it holds what was understood; None if there is none."""
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    if not given:
        return None
    kind, _, encoded = given[0].strip().partition(b" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        decoded = ":"
    known = len(given) == 1 and kind.lower() == b"basic" and ":" in decoded
    return f"Basic {base64.b64encode((decoded if known else ':').encode()).decode()}"


def _client_id(form: Mapping[str, str], authorization: str | None) -> str:
    if authorization is None:
        return form.get("client_id", "")
    return unquote(base64.b64decode(authorization[6:]).decode().partition(":")[0])


async def _client(session: AsyncSession, client_id: str) -> Client | None:
    """The active application of this name. Whatever the name is, the same is asked."""
    tenant_id, application_id = read_client_id(client_id)
    held = select(func.array_agg(Grant.name.distinct())).where(
        Grant.tenant_id == tenant_id,
        Grant.user_id == application_id,
        Grant.archived_at.is_(None),
        Grant.name.in_(list(PARTNER_SCOPES)),
    )
    query = (
        select(PartnerSecret, held.scalar_subquery())
        .join(
            PartnerApplication,
            (PartnerApplication.tenant_id == PartnerSecret.tenant_id)
            & (PartnerApplication.id == PartnerSecret.application_id),
        )
        .join(Tenant, Tenant.id == PartnerSecret.tenant_id)
        .where(
            PartnerSecret.tenant_id == tenant_id,
            PartnerSecret.application_id == application_id,
            PartnerSecret.archived_at.is_(None),
            or_(PartnerSecret.expires_at.is_(None), PartnerSecret.expires_at > func.clock_timestamp()),
            PartnerApplication.status == PartnerStatus.ACTIVE,
            Tenant.status == TenantStatus.ACTIVE,
        )
    )
    rows = (await session.execute(query)).all()
    if not rows or client_id != client_id_of(tenant_id, application_id):
        return None
    return Client(client_id, [row[0] for row in rows], frozenset(cast("Sequence[str]", rows[0][1] or ())))


async def _token(session: AsyncSession, client: Client, given: str) -> Token | None:
    """The living token of the application; None for anything else."""
    credential = read_token(given) if len(given) <= 128 else None
    tenant_id, application_id = read_client_id(client.client_id)
    if credential is None or credential.tenant_id != tenant_id:
        return None
    row = await session.scalar(
        select(Session).where(
            Session.tenant_id == tenant_id,
            Session.secret_hash == credential.secret_hash,
            Session.user_id == application_id,
            Session.kind == SessionKind.PARTNER,
            Session.ended_at.is_(None),
            Session.expires_at > func.clock_timestamp(),
        )
    )
    if row is None:
        return None
    scopes = client.scopes if row.scopes is None else client.scopes & set(row.scopes)
    return Token(row, client.client_id, scopes, row.created_at, row.expires_at)
