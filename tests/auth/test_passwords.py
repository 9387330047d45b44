"""What may be chosen as a password, and what a temporary one looks like."""

from __future__ import annotations

import uuid

import pytest

from auth import onetime, passwords
from auth.sessions import read_token

ABOUT = ("Quentin Marsh", "quentin@quince.example", "Quince Limited")
REFUSED = [
    ("", "PASSWORD_TOO_SHORT"),
    ("seven77", "PASSWORD_TOO_SHORT"),
    ("x" * 257, "PASSWORD_TOO_LONG"),
    ("with\0nul in it", "PASSWORD_REFUSED"),
    ("password", "PASSWORD_BREACHED"),
    ("PassWord1", "PASSWORD_BREACHED"),
    ("12345678", "PASSWORD_BREACHED"),
    ("qwertyuiop!", "PASSWORD_BREACHED"),
    ("quentin@quince.example", "PASSWORD_PERSONAL"),
    ("QuentinMarsh2026", "PASSWORD_PERSONAL"),
    ("quincequince", "PASSWORD_PERSONAL"),
]
TAKEN = [
    "eight8ch",
    "x y z w v u",
    "korrekt pferd",
    "correct horse battery",
    "\N{SNOWMAN}" * 8,
    "quince trees in bloom",
]


@pytest.mark.parametrize(("password", "code"), REFUSED)
def test_what_is_easily_guessed_is_refused(password: str, code: str) -> None:
    with pytest.raises(passwords.PasswordRefused) as refusal:
        passwords.check(password, ABOUT)
    assert refusal.value.code == code


@pytest.mark.parametrize("password", TAKEN)
def test_everything_else_may_be_chosen(password: str) -> None:
    """There are no rules about kinds of characters."""
    passwords.check(password, ABOUT)


def test_the_list_of_common_passwords_is_there() -> None:
    assert len(passwords.common()) > 17_000
    assert all(len(one) >= passwords.SHORTEST for one in passwords.common())


def test_a_secret_is_made_again_from_the_key_and_from_nothing_less() -> None:
    tenant, row = uuid.uuid4(), uuid.uuid4()
    made = onetime.secret_of(b"key", tenant, row)
    assert made == onetime.secret_of(b"key", tenant, row)
    others = [(b"kex", tenant, row), (b"key", row, tenant), (b"key", tenant, uuid.uuid4())]
    assert made not in [onetime.secret_of(*one) for one in others]
    token, kept = onetime.token_of(tenant, made)
    read = read_token(token)
    assert read is not None
    assert (read.tenant_id, read.secret_hash) == (tenant, kept)


def test_a_temporary_password_is_long_and_forgives_how_it_is_typed() -> None:
    tenant = uuid.uuid4()
    shown, kept = onetime.password_of(tenant, onetime.secret_of(b"key", tenant, uuid.uuid4()))
    assert len(shown.replace("-", "")) * 5 >= 128
    for typed in (shown, shown.upper(), shown.replace("-", " "), f" {shown}\n", shown.replace("-", "")):
        assert onetime.looks_temporary(typed)
        assert onetime.read_password(tenant, typed).secret_hash == kept
    assert onetime.read_password(uuid.uuid4(), shown).secret_hash != kept
    assert not onetime.looks_temporary("correct horse battery")
    assert not onetime.looks_temporary(shown + "a")
