"""Keeping what must be read again, such as the secret of a generator of codes: encrypted, and bound to its owner."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Unsealable(Exception):
    """What was sealed cannot be read: it is another's, or the secret of the service has changed since."""


class Seal:
    """Encrypts with a key made from the secret of the service for one purpose."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._cipher = AESGCM(_key(secret, purpose, 32))

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


class SteadySeal:
    """Encrypts as ``Seal`` does, but the same content of the same owner to the same bytes (AES-SIV, RFC 5297).

    So two executors tell the same, and whoever holds two sealed contents learns only whether they are equal.
    """

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._cipher = AESSIV(_key(secret, purpose, 64))

    def close(self, content: bytes, owner: bytes) -> bytes:
        """``content``, readable again for the same owner only."""
        return self._cipher.encrypt(content, [owner])

    def open(self, sealed: bytes, owner: bytes) -> bytes:
        """What was sealed for ``owner``; Unsealable if it was not."""
        try:
            return self._cipher.decrypt(sealed, [owner])
        except InvalidTag as error:
            raise Unsealable from error


def _key(secret: bytes, purpose: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose.encode()).derive(secret)
