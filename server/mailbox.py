"""The mailbox of the demo: what would have been sent, to be read by anybody. It is only where it was asked for."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route
from starlette.types import Receive, Scope

from models import Mail, MailStatus, OneTimeSecret, Tenant
from models.database import across_tenants, writing
from outbox.mail import composed, enclosed
from outbox.post import Letter, PostOffice
from server.contract import Serving
from server.credentials import is_loopback
from server.replies import NO_STORE, Endpoint, Header, Refusal, Reply
from server.worker import post_office

MOST = 100
_ALL_TENANTS = ("app.sign_in_email", "-")
_PAGES = Path(__file__).parent / "pages"
_HTML = (b"content-type", b"text/html; charset=utf-8")


@dataclass(frozen=True)
class Received:
    """A letter in the mailbox."""

    address: str
    company: str
    at: datetime
    letter: Letter
    link: str


class MailboxPage:
    """Shows the letters of all addresses, or of one."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def routes(self) -> list[Route]:
        """Where the page is: nowhere, unless the settings ask for it."""
        if not self._serving.settings.mailbox:
            return []
        return [Route("/mailbox", Endpoint(self.show, "GET"))]

    async def show(self, scope: Scope, _receive: Receive) -> Reply:
        """The page, the newest letter first."""
        if not self._is_named(scope):
            raise Refusal(421, "HOST_NOT_OURS", "The mailbox is not shown under this name.")
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("to", [""])[0].strip().lower()
        letters = await self._letters()
        addresses = sorted({one.address for one in letters})
        shown = [one for one in letters if asked in ("", one.address)]
        style, policy = _style()
        html = _page().render(letters=shown[:MOST], addresses=addresses, asked=asked, style=Markup(style))  # noqa: S704
        return Reply(200, html.encode(), (_HTML, NO_STORE, policy))

    def _is_named(self, scope: Scope) -> bool:
        """Whether the page is asked for by its address or by our own name.

        Another site can have its name lead here, and its pages could then read the letters as their own.
        """
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        host = given[0] if len(given) == 1 else ""
        return is_loopback(host) or _is_address(host) or host == urlsplit(self._serving.settings.origin).netloc

    async def _letters(self) -> list[Received]:
        connecting = across_tenants(self._serving.engine, *_ALL_TENANTS)
        async with connecting as connection, AsyncSession(connection) as session:
            tenants = list(await session.scalars(select(Tenant)))
        found = [one for tenant in tenants for one in await self._letters_of(tenant)]
        return sorted(found, key=lambda one: one.at, reverse=True)

    async def _letters_of(self, tenant: Tenant) -> list[Received]:
        post = post_office(self._serving.settings)
        query = select(Mail).where(Mail.tenant_id == tenant.id, Mail.status == MailStatus.SENT)
        async with writing(self._serving.engine, tenant.id) as session:
            rows = list(await session.scalars(query.order_by(Mail.created_at.desc()).limit(MOST)))
            return [await _received(session, post, tenant, row) for row in rows]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
    return True


async def _received(session: AsyncSession, post: PostOffice, tenant: Tenant, row: Mail) -> Received:
    secret = await session.get(OneTimeSecret, (row.tenant_id, row.secret_id)) if row.secret_id else None
    letter = composed(post, row, secret)
    return Received(row.address, tenant.name, row.sent_at or row.created_at, letter, enclosed(post, secret).link)


@cache
def _page() -> Template:
    return Environment(loader=FileSystemLoader(_PAGES), autoescape=True).get_template("mailbox.html")


@cache
def _style() -> tuple[str, Header]:
    """The page's own style, and the policy that lets it and nothing else be applied."""
    style = (_PAGES / "mailbox.css").read_text()
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; frame-ancestors 'none'"
    return style, (b"content-security-policy", policy.encode())
