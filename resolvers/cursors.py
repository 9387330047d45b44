"""Cursors: where a page ended, signed for one viewer, one relation and one order.

A cursor is base64url of ``mac ‖ value US id``: the sort value (which its holder has seen), the row's id, and the first
sixteen bytes of HMAC-SHA-256 under a key derived from viewer, relation and order. The HMAC is built from plain SHA-256
of two padded blocks, so that SQL can compute the same bytes with PostgreSQL's own ``sha256``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

SEPARATOR = "\x1f"
MAC_BYTES = 16
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Seal:
    """The key that signs the cursors of one viewer in one ordered relation."""

    key: bytes

    @classmethod
    def derive(cls, secret: bytes, viewer: uuid.UUID, relation: str, order: str) -> Seal:
        """The key for ``viewer`` in ``relation`` sorted by ``order``; nobody else's cursor opens with it."""
        bound = b"\x00".join((viewer.bytes, relation.encode(), order.encode()))
        return cls(hmac.digest(secret, bound, "sha256"))

    def write(self, value: Any, id: uuid.UUID) -> str:
        """The cursor of the row ``id`` whose sort value is ``value``."""
        body = f"{plain(value)}{SEPARATOR}{id}".encode()
        return base64.urlsafe_b64encode(self._mac(body) + body).rstrip(b"=").decode()

    def read(self, cursor: str) -> tuple[str, uuid.UUID] | None:
        """The sort value (as text) and id a cursor carries, or None if it was not written by this seal."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        value, _, id = body.decode().rpartition(SEPARATOR)
        return value, uuid.UUID(id)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self.key, body, "sha256")[:MAC_BYTES]

    def pads(self) -> tuple[bytes, bytes]:
        """The inner and outer block of HMAC-SHA-256: mac = sha256(outer ‖ sha256(inner ‖ body))."""
        block = self.key.ljust(hashlib.sha256().block_size, b"\x00")
        return block.translate(_INNER), block.translate(_OUTER)


def plain(value: Any) -> str:
    """A sort value as text: instants as microseconds since 1970, everything else as PostgreSQL prints it."""
    if isinstance(value, datetime):
        return str((value - _EPOCH) // timedelta(microseconds=1))
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def parse(text: str, kind: type) -> Any:
    """The sort value ``plain`` made ``text`` of, for a column of Python type ``kind``."""
    if issubclass(kind, datetime):
        return _EPOCH + timedelta(microseconds=int(text))
    if issubclass(kind, date):
        return date.fromisoformat(text)
    return kind(text)
