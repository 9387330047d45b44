"""An OpenID provider of other people's making, run beside a served app, and a browser that signs in there."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from server import identity_providers, office
from server.identity_providers import Given
from tests.server.talking import PATIENCE, SECRET, Station
from tools.build_portal import node_and_npm

SOURCE = Path(__file__).parents[1] / "clients" / "provider.mjs"
HEADERS = {"x-portico-client": "test"}


@dataclass
class Idp:
    """The provider process, and the app that trusts it."""

    issuer: str
    station: Station
    process: subprocess.Popen[str]

    def knows(self, signing_in: str | None, **claims: Any) -> None:
        """Whoever signs in next is ``signing_in``, of whom the provider tells these claims; None: they refuse."""
        people = {signing_in: claims} if signing_in else {}
        httpx2.post(f"{self.issuer}/control", json={"people": people, "signingIn": signing_in})

    def trusted(self, **changes: Any) -> None:
        """Have the app trust the provider."""
        given: dict[str, Any] = {
            "slug": "corp", "label": "Corporate", "issuer": self.issuer, "client_id": "portico",
            "secret": "portico-secret", "algorithm": "RS256", "scopes": ("groups",), "domains": ("acme.example",),
            "group_claim": "groups", "roles": ("ops=dispatcher", "money=finance"), "provisions": False, **changes,
        }  # fmt: skip
        self.in_office(lambda opened: identity_providers.trust(opened, SECRET.encode(), "acme", Given(**given)))

    def in_office(self, command: Any) -> Any:
        async def run() -> Any:
            async with office.opened(self.station.place.url) as opened:
                return await command(opened)

        return asyncio.run(run())


@dataclass
class Browser:
    """Keeps cookies and follows no redirect by itself."""

    http: httpx2.Client
    station: Station

    def leave(self, **parameters: str) -> str:
        """Begin to sign in; where the browser is sent."""
        given = {"provider": "corp", **parameters}
        return self.to(self.http.get(f"{self.station.origin}/auth/sso/acme/start", params=given))

    def sign_in_there(self, url: str) -> str:
        """Go through the provider's pages until it sends the browser back; the address it is sent to."""
        while not url.startswith(f"{self.station.origin}/"):
            url = self.to(self.http.get(url), url)
        return url

    def sign_in(self, **parameters: str) -> httpx2.Response:
        """The whole way there and back."""
        return self.http.get(self.sign_in_there(self.leave(**parameters)))

    def to(self, response: httpx2.Response, base: str = "") -> str:
        assert response.status_code in (302, 303), (response.status_code, response.text)
        return str(httpx2.URL(base or self.station.origin).join(response.headers["location"]))

    def cookies(self) -> dict[str, str]:
        return {one.name: str(one.value) for one in self.http.cookies.jar}

    def go_with(self, kept: dict[str, str], url: str) -> httpx2.Response:
        """As the browser would go there if it had these cookies, and no others."""
        with httpx2.Client(timeout=PATIENCE, follow_redirects=False, cookies=kept) as http:
            return http.get(url)

    def ask(self, query: str) -> Any:
        body = {"query": query}
        return self.http.post(f"{self.station.origin}/graphql", json=body, headers=HEADERS).json()

    def post(self, path: str, content: Any) -> httpx2.Response:
        return self.http.post(f"{self.station.origin}{path}", json=content, headers=HEADERS)


@contextmanager
def browsing(station: Station) -> Iterator[Browser]:
    with httpx2.Client(timeout=PATIENCE, follow_redirects=False) as http:
        yield Browser(http, station)


@contextmanager
def providing(station: Station, clients: Path) -> Iterator[Idp]:
    """The provider, for as long as this lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    node, _ = node_and_npm()
    callback, signed_out = f"{station.origin}/auth/sso/acme/callback", f"{station.origin}/sign-in"
    command = [node, SOURCE, clients, str(port), callback, signed_out]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            while "listening" not in process.stdout.readline():
                assert process.poll() is None
            yield Idp(f"http://127.0.0.1:{port}", station, process)
        finally:
            process.kill()


def parameters(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))
