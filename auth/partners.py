"""The names and secrets of partners' programs, and what is agreed with each of them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass

SECRET_BYTES = 32


@dataclass(frozen=True)
class Terms:
    """What an application may ask for beyond its scopes: ``fields`` by name (None: all), and how much of it.

    ``bucket`` is how many points it can save up, ``restore_rate`` how many it is given a second.
    """

    application_id: uuid.UUID
    fields: frozenset[str] | None
    bucket: int
    restore_rate: int


def client_id_of(tenant_id: uuid.UUID, application_id: uuid.UUID) -> str:
    """The public name of an application; it says where to look for it and grants nothing."""
    return base64.urlsafe_b64encode(tenant_id.bytes + application_id.bytes).rstrip(b"=").decode()


def read_client_id(client_id: str) -> tuple[uuid.UUID, uuid.UUID]:
    """The tenant and the application a client id names; a name that is none is that of nobody."""
    try:
        raw = base64.b64decode(client_id + "=" * (-len(client_id) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raw = bytes(32)
    return uuid.UUID(bytes=raw[:16]), uuid.UUID(bytes=raw[16:])


def new_secret() -> str:
    """A secret of 256 bits. It is shown once and kept as a hash."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret. It is random and long, so a fast hash is as good as a slow one."""
    return hashlib.sha256(secret.encode()).digest()


def is_secret(given: str, stored: bytes) -> bool:
    """Whether ``stored`` was made from ``given``, found out in the same time either way."""
    return hmac.compare_digest(hash_of(given), stored)
