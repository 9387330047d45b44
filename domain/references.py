"""Short references people can read out, such as J-7K2M9Q4X."""

from __future__ import annotations

import secrets

# Crockford's base 32: no letter that can be taken for a digit.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference(prefix: str, length: int = 8) -> str:
    """A random reference of five bits a character. Counting numbers would tell one client how busy the others are."""
    return f"{prefix}-" + "".join([_ALPHABET[byte & 31] for byte in secrets.token_bytes(length)])
