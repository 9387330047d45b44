"""Passwords: argon2id, off the event loop, and the same time for an account that does not exist.

A password is refused for what makes it guessable - too short, found among those that were stolen elsewhere, made of
the names of its owner - and for nothing else: there are no rules about kinds of characters, and none grows old.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 8, 256
_SHORTEST_NAME = 3

_hasher = PasswordHasher()
# Two at a time: each takes 64 MiB and a core for a tenth of a second, and a flood must not starve everything else.
_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


class PasswordRefused(Exception):
    """The password cannot be chosen."""

    code = "PASSWORD_REFUSED"


class PasswordTooShort(PasswordRefused):
    """Shorter than anybody's patience."""

    code = "PASSWORD_TOO_SHORT"


class PasswordTooLong(PasswordRefused):
    """Longer than is worth hashing."""

    code = "PASSWORD_TOO_LONG"


class PasswordBreached(PasswordRefused):
    """One of those that are tried first."""

    code = "PASSWORD_BREACHED"


class PasswordPersonal(PasswordRefused):
    """Little more than the name, the address or the organization of its owner."""

    code = "PASSWORD_PERSONAL"


def check(password: str, about: Iterable[str] = ()) -> None:
    """Raise PasswordRefused unless the password may be chosen; ``about`` are the names its owner goes by."""
    if "\0" in password:
        raise PasswordRefused("A password cannot contain the character NUL.")
    if len(password) < SHORTEST:
        raise PasswordTooShort(f"A password has at least {SHORTEST} characters. Fifteen are better.")
    if len(password) > LONGEST:
        raise PasswordTooLong(f"A password has at most {LONGEST} characters.")
    folded = password.casefold()
    if not common().isdisjoint({folded, folded.rstrip("!?.,*#$ ")}):
        raise PasswordBreached("This password is among those that are tried first. Choose another.")
    if len(_without_names(folded, about)) < SHORTEST:
        raise PasswordPersonal("This password is little more than your name, your address or your organization.")


def _without_names(password: str, about: Iterable[str]) -> str:
    """What is left of a password when the words of its owner's names are taken out; as it is if none is in it."""
    words = {word for name in about for word in re.findall(r"\w+", name.casefold()) if len(word) >= _SHORTEST_NAME}
    for word in sorted(words, key=len, reverse=True):
        password = password.replace(word, "")
    return password


@cache
def common() -> frozenset[str]:
    """Common passwords of at least SHORTEST characters, in lower case; see breached.LICENSE."""
    packed = files("auth").joinpath("breached.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().splitlines())


async def hashed(password: str, about: Iterable[str] = ()) -> str:
    """The hash to store, in argon2's own format; PasswordRefused if the password may not be chosen."""
    check(password, about)
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
