"""Codes of six digits that change every half minute, and codes for the day their generator is lost."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime

from pyotp import random_base32
from pyotp.totp import TOTP

STEP = 30
_AROUND = (0, -1, 1)
"""Clocks differ, and people type slowly: the codes before and after the present one count too."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _IN_GROUP = 6, 5
RECOVERY_CODES = 10
"""Each of 30 characters out of 31, which nobody guesses; so a plain hash keeps them."""


def new_secret() -> str:
    """A secret of 160 bits, as generators of codes take it."""
    return random_base32()


def uri(secret: str, *, account: str, issuer: str) -> str:
    """What a generator reads from a picture."""
    return TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of time whose code this is, or None. Every step near is tried, whichever fits."""
    generator = TOTP(secret)
    present = int(now.timestamp()) // STEP
    given = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", given):
        return None
    fits = [step for step in _AROUND if hmac.compare_digest(generator.generate_otp(present + step), given)]
    return present + fits[0] if fits else None


def new_recovery_codes() -> list[str]:
    """Codes to be shown once."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_IN_GROUP))


def recovery_hash(code: str) -> bytes:
    """The hash a recovery code is looked up by, however it was typed."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).digest()
