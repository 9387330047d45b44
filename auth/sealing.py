"""Keeping what must be read again, such as the secret of a generator of codes: encrypted, and bound to its owner."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Unsealable(Exception):
    """What was sealed cannot be read: it is another's, or the secret of the service has changed since."""


class Seal:
    """Encrypts with a key made from the secret of the service for one purpose."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)
        self._cipher = AESGCM(key)

    def close(self, content: bytes, owner: bytes) -> bytes:
        """``content``, readable again for the same owner only."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, owner)

    def open(self, sealed: bytes, owner: bytes) -> bytes:
        """What was sealed for ``owner``; Unsealable if it was not."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner)
        except InvalidTag as error:
            raise Unsealable from error
