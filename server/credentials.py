"""Who a request says it is: a bearer token, or else the cookie of a browser session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import Scope

from auth.grants import Credential, Presented
from auth.sessions import read_token

Headers = Iterable[tuple[bytes, bytes]]
SAFE_COOKIE = "__Host-portico"
PLAIN_COOKIE = "portico"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_TOKEN = 128


def credential_of(headers: Headers) -> Credential | None:
    """What the request presents. A bearer token wins, and where one is given the cookie is not even read."""
    headers = list(headers)
    bearer = bearer_of(headers)
    return bearer_credential(bearer) if bearer is not None else cookie_credential(headers)


def bearer_credential(token: str) -> Credential | None:
    """What a bearer token stands for."""
    return _read(token, Presented.BEARER)


def cookie_credential(headers: Headers) -> Credential | None:
    """What the session cookie stands for."""
    return _read(cookie_of(headers), Presented.COOKIE)


def bearer_of(headers: Headers) -> str | None:
    """The bearer token as it was given, valid or not; None if there is none."""
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").strip().partition(" ")
            if scheme.lower() == "bearer":
                return token.strip()
    return None


def cookie_of(headers: Headers) -> str | None:
    """The session cookie as it was given.

    The plain name counts on this machine only: elsewhere any neighbouring site could set it.
    """
    headers = list(headers)
    given = _cookies(headers)
    if SAFE_COOKIE in given:
        return given[SAFE_COOKIE]
    return given.get(PLAIN_COOKIE) if is_loopback(_host(headers)) else None


def set_cookie(scope: Scope, token: str, *, lifetime: int, https: bool) -> tuple[bytes, bytes]:
    """The header that has a browser keep the session for ``lifetime`` seconds; 0 has it forget."""
    plain = _is_plain(scope, https=https)
    name, secure = (PLAIN_COOKIE, "") if plain else (SAFE_COOKIE, "; Secure")
    cookie = f"{name}={token}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Lax{secure}"
    return (b"set-cookie", cookie.encode("ascii"))


def set_short_cookie(scope: Scope, name: str, content: str, *, lifetime: int, https: bool) -> tuple[bytes, bytes]:
    """The header that has a browser keep something of its own for ``lifetime`` seconds, on its way elsewhere and back.

    It comes along when another site sends the browser here, but not with what that site's pages fetch.
    """
    plain = _is_plain(scope, https=https)
    full, secure = (name, "") if plain else (f"__Host-{name}", "; Secure")
    cookie = f"{full}={content}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Lax{secure}"
    return (b"set-cookie", cookie.encode("ascii"))


def clear_short_cookie(scope: Scope, name: str, *, https: bool) -> tuple[bytes, bytes]:
    """The header that has a browser forget it."""
    return set_short_cookie(scope, name, "", lifetime=0, https=https)


def short_cookie(headers: Headers, name: str) -> str | None:
    """What the browser kept; as with the session, the plain name counts on this machine only."""
    headers = list(headers)
    given = _cookies(headers)
    safe = given.get(f"__Host-{name}")
    return given.get(name) if safe is None and is_loopback(_host(headers)) else safe


def _is_plain(scope: Scope, *, https: bool) -> bool:
    return not https and scope.get("scheme") == "http" and is_loopback(_host(scope["headers"]))


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Whether a Host header names this very machine."""
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK
    except ValueError:
        return False


def _host(headers: Headers) -> str:
    return next(_values(headers, b"host"), "")


def _cookies(headers: Headers) -> dict[str, str]:
    """The first cookie of each name; a browser sends the most specific first."""
    found: dict[str, str] = {}
    for value in _values(headers, b"cookie"):
        for pair in value.split(";"):
            name, _, text = pair.strip().partition("=")
            found.setdefault(name, text)
    return found


def _values(headers: Headers, name: bytes) -> Iterator[str]:
    return (value.decode("latin-1") for given, value in headers if given == name)


def _read(token: str | None, presented: Presented) -> Credential | None:
    read = read_token(token) if token and len(token) <= _LONGEST_TOKEN and token.isascii() else None
    return read if read is None or presented is Presented.BEARER else read._replace(presented=presented)
