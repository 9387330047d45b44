"""Passwords: argon2id, off the event loop, and the same time for an account that does not exist."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 8, 256

_hasher = PasswordHasher()
# Two at a time: each takes 64 MiB and a core for a tenth of a second, and a flood must not starve everything else.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


class PasswordTooWeak(Exception):
    """The password is shorter or longer than allowed."""

    code = "PASSWORD_TOO_WEAK"

    def __init__(self) -> None:
        super().__init__(f"A password has {SHORTEST} to {LONGEST} characters.")


def check_strength(password: str) -> None:
    """Raise PasswordTooWeak unless the length is within bounds; no rules about kinds of characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak


async def hashed(password: str) -> str:
    """The hash to store, in argon2's own format."""
    check_strength(password)
    return await asyncio.get_running_loop().run_in_executor(_pool, _hasher.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one ``stored`` was made from. Without ``stored`` it works as long and says no."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _matches, password, stored)


def _matches(password: str, stored: str | None) -> bool:
    try:
        return _hasher.verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("the password of nobody")
