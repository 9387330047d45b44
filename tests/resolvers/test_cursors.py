"""Cursors open for the viewer, list and order they were made for, and SQL can compute their signature."""

import hashlib
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from resolvers.cursors import MAC_BYTES, Seal, parse

SECRET, ME, ROW = b"s" * 32, uuid.UUID(int=1), uuid.UUID(int=2)
SEAL = Seal.derive(SECRET, ME, "Site.*", "NAME")

OTHER_SEALS = {
    "secret": Seal.derive(b"t" * 32, ME, "Site.*", "NAME"),
    "viewer": Seal.derive(SECRET, uuid.UUID(int=3), "Site.*", "NAME"),
    "relation": Seal.derive(SECRET, ME, "Job.site_id", "NAME"),
    "order": Seal.derive(SECRET, ME, "Site.*", "NAME_DESC"),
}
VALUES = ["", "Ö — \x1f", 7, Decimal("12.5000"), date(2026, 2, 28), datetime(2026, 2, 28, 1, 2, 3, 456789, UTC)]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_it_carries_the_sort_value_and_the_id(value: Any) -> None:
    opened = SEAL.read(SEAL.write(value, ROW))
    assert opened is not None
    assert (parse(opened[0], type(value)), opened[1]) == (value, ROW)


@pytest.mark.parametrize("other", OTHER_SEALS.values(), ids=OTHER_SEALS)
def test_nobody_elses_opens(other: Seal) -> None:
    assert SEAL.read(other.write("a", ROW)) is None


@pytest.mark.parametrize(
    "cursor",
    ["", "a", "zz", "ö", "\ud800", "aa" * 20, "aa" * 60, SEAL.write("a", ROW)[:-2], SEAL.write("a", ROW) + " "],
)
def test_what_was_made_up_does_not_open(cursor: str) -> None:
    assert SEAL.read(cursor) is None


def test_no_bit_can_be_changed() -> None:
    raw = bytes.fromhex(SEAL.write("a", ROW))
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        assert SEAL.read(changed.hex()) is None


def test_the_signature_is_sha256_of_two_padded_blocks() -> None:
    raw = bytes.fromhex(SEAL.write("a", ROW))
    inner, outer = SEAL.pads()
    digest = hashlib.sha256(outer + hashlib.sha256(inner + raw[MAC_BYTES:]).digest()).digest()
    assert raw[:MAC_BYTES] == digest[:MAC_BYTES]
