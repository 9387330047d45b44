"""One-time secrets as they are read and typed. They are computed from a key that lies in no table, and can be again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid

from auth.grants import Credential

_LABEL = b"portico one-time secret 1"
_LETTERS, _GROUP = 30, 5
"""Thirty letters of base32 are 150 bits."""


def secret_of(key: bytes, tenant_id: uuid.UUID, secret_id: uuid.UUID) -> bytes:
    """The secret of a row: whoever has the table and not the key learns nothing, and the same letter can be written."""
    return hmac.digest(key, _LABEL + tenant_id.bytes + secret_id.bytes, "sha256")


def token_of(tenant_id: uuid.UUID, secret: bytes) -> tuple[str, bytes]:
    """A secret as part of a link, and the hash to keep: of the same form as the tokens of sessions."""
    raw = tenant_id.bytes + secret
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), hashlib.sha256(raw).digest()


def password_of(tenant_id: uuid.UUID, secret: bytes) -> tuple[str, bytes]:
    """A secret as a password to type, and the hash to keep. It is long enough that a fast hash will do."""
    letters = base64.b32encode(secret).decode().lower()[:_LETTERS]
    shown = "-".join(letters[start : start + _GROUP] for start in range(0, _LETTERS, _GROUP))
    return shown, _password_hash(tenant_id, letters)


def looks_temporary(typed: str) -> bool:
    """Whether what was typed has the form of a temporary password."""
    return len(_letters(typed)) == _LETTERS


def read_password(tenant_id: uuid.UUID, typed: str) -> Credential:
    """What a typed password would be looked up by, if it is a temporary one."""
    return Credential(tenant_id, _password_hash(tenant_id, _letters(typed)))


def _letters(typed: str) -> str:
    """The letters of base32 in it, whatever hyphens and spaces came along."""
    folded = typed.strip().lower().replace("-", "").replace(" ", "")
    return folded if re.fullmatch("[a-z2-7]+", folded) else ""


def _password_hash(tenant_id: uuid.UUID, letters: str) -> bytes:
    return hashlib.sha256(tenant_id.bytes + letters.encode()).digest()
