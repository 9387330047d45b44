"""Cursors: where a page ended, signed for one viewer, one relation and one order.

A cursor is ``mac ‖ id ‖ value`` in hexadecimal: the first sixteen bytes of HMAC-SHA-256 under a key derived from
viewer, relation and order, the row's id, and the sort value (which its holder has seen). Id and value are the bytes
PostgreSQL itself sends, and the HMAC is built from plain SHA-256 of two padded blocks, so that SQL can write the same
cursor with functions that cost next to nothing.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

MAC_BYTES, ID_BYTES = 16, 16
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
# PostgreSQL counts from here: instants in microseconds, eight bytes of them, and days in four.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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
        body = id.bytes + sent(value)
        return (self._mac(body) + body).hex()

    def read(self, cursor: str) -> tuple[bytes, uuid.UUID] | None:
        """The sort value (as it is sent) and the id a cursor carries, or None if it was not written by this seal."""
        try:
            raw = binascii.unhexlify(cursor)
        except ValueError:
            return None
        mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        return body[ID_BYTES:], uuid.UUID(bytes=body[:ID_BYTES])

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self.key, body, "sha256")[:MAC_BYTES]

    def pads(self) -> tuple[bytes, bytes]:
        """The inner and outer block of HMAC-SHA-256: mac = sha256(outer ‖ sha256(inner ‖ body))."""
        block = self.key.ljust(hashlib.sha256().block_size, b"\x00")
        return block.translate(_INNER), block.translate(_OUTER)


def sent(value: Any) -> bytes:
    """A sort value as PostgreSQL sends it: instants and days as numbers, everything else as text."""
    if isinstance(value, datetime):
        return ((value - _EPOCH) // _MICROSECOND).to_bytes(8, "big", signed=True)
    if isinstance(value, date):
        return (value - _EPOCH.date()).days.to_bytes(4, "big", signed=True)
    return (f"{value:f}" if isinstance(value, Decimal) else str(value)).encode()


def parse(raw: bytes, kind: type) -> Any:
    """The sort value ``sent`` made ``raw`` of, for a column of Python type ``kind``."""
    if issubclass(kind, datetime):
        return _EPOCH + int.from_bytes(raw, "big", signed=True) * _MICROSECOND
    if issubclass(kind, date):
        return _EPOCH.date() + timedelta(days=int.from_bytes(raw, "big", signed=True))
    return kind(raw.decode())
