"""What becomes of a second factor is told to its owner by a letter, in the transaction that made it so."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from tests.server.test_recovery import CHOSEN, EMAIL, noor, signs_in
from tests.world.posted import GENUINE, Browser, House, house, text_of
from tests.world.serving import own_world, seeded

__all__ = ["house", "noor", "own_world", "seeded"]

RESET = "resetSecondFactors"


def add_generator(house: House, browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Set up a generator of codes; it, and the recovery codes that came with it."""
    _, begun = browser.post("/auth/totp/begin")
    generator = pyotp.TOTP(begun["secret"])
    status, made = browser.post("/auth/totp/confirm", code=generator.at(house.clock.now))
    assert status == 200
    return generator, made["recoveryCodes"]


def subjects(house: House, count: int) -> list[Any]:
    """The subjects of so many letters after the invitation, in the order they came, all to her."""
    letters = [house.box.letter(number) for number in range(2, count + 2)]
    assert {letter["To"] for letter in letters} == {EMAIL}
    return [letter["Subject"] for letter in letters]


def test_each_change_of_a_factor_is_told_to_its_owner(house: House, noor: Browser) -> None:
    _, codes = add_generator(house, noor)
    subjects(house, 1)
    half = house.browser()
    half.post("/auth/sign-in", email=EMAIL, password=CHOSEN)
    assert half.post("/auth/second-factor", recoveryCode=codes[0])[0] == 200
    subjects(house, 2)
    assert noor.post("/auth/recovery-codes")[0] == 200
    subjects(house, 3)
    assert noor.post("/auth/totp/remove")[0] == 204
    assert subjects(house, 4) == [
        "Acme: a second factor was added",
        "Acme: a recovery code was used",
        "Acme: you have new recovery codes",
        "Acme: a second factor was removed",
    ]
    for number in range(2, 6):
        assert not any(code in text_of(house.box.letter(number)) for code in codes)


def test_what_is_refused_is_told_to_nobody(house: House, noor: Browser) -> None:
    noor.post("/auth/totp/begin")
    assert noor.refused("/auth/totp/confirm", code="000000") == (401, "INVALID_CODE")
    assert noor.refused("/auth/recovery-codes") == (409, "NO_SECOND_FACTOR")
    add_generator(house, noor)
    assert subjects(house, 1) == ["Acme: a second factor was added"]
    assert len(house.box.letters) == 2


def test_whoever_manages_access_resets_a_factor_that_was_lost(house: House, noor: Browser) -> None:
    """A password is enough again, every session has ended, and both the owner and the audit know."""
    add_generator(house, noor)
    subjects(house, 1)
    assert signs_in(house, EMAIL, CHOSEN) is not None
    half = signs_in(house, EMAIL, CHOSEN)
    assert half is not None
    assert half.standing() == (False, "SECOND_FACTOR")
    user = noor.http.get("/auth/session", headers=GENUINE).json()["user"]["id"]
    refused = house.station.ask("clerk", _document(user))[RESET]["userErrors"]
    assert refused == [{"code": "NOT_FOUND"}]
    assert half.standing() == (False, "SECOND_FACTOR")
    house.station.command("access_manager", RESET, id=user)
    assert [noor.standing(), half.standing()] == [(False, None), (False, None)]
    again = signs_in(house, EMAIL, CHOSEN)
    assert again is not None
    assert again.standing() == (True, None)
    assert subjects(house, 2)[1] == "Acme: your second factor was reset"
    trail = house.station.ask(
        "administrator",
        "{ auditTrail(first: 1) { nodes { action actor { id } user { id } changes { field before } } } }",
    )
    assert trail["auditTrail"]["nodes"] == [
        {
            "action": "SecondFactorRemoved",
            "actor": {"id": house.station.place.world.users["access_manager"]},
            "user": {"id": user},
            "changes": [{"field": "factor", "before": "all"}],
        }
    ]


def _document(user: str) -> str:
    return f'mutation {{ {RESET}(input: {{id: "{user}"}}) {{ userErrors {{ code }} }} }}'


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"name": "", "language": "DE"}, (400, "BAD_REQUEST")),
        ({"name": " ", "language": "DE"}, (400, "INVALID_LENGTH")),
        ({"name": "N" * 192, "language": "DE"}, (400, "BAD_REQUEST")),
        ({"name": "No\x07or", "language": "DE"}, (400, "INVALID_TEXT")),
        ({"name": "Noor", "language": "FR"}, (400, "BAD_REQUEST")),
        ({"name": "Noor"}, (400, "BAD_REQUEST")),
    ],
)
def test_odd_names_and_languages_are_refused(noor: Browser, given: dict[str, str], refusal: tuple[int, str]) -> None:
    assert noor.refused("/auth/profile", **given) == refusal


def test_people_say_how_they_are_called_and_written_to(house: House, noor: Browser) -> None:
    assert house.browser().refused("/auth/profile", name="X", language="DE") == (401, "UNAUTHENTICATED")
    assert noor.post("/auth/profile", name=" Noor Haddad ", language="DE") == (
        200,
        {"name": "Noor Haddad", "language": "DE"},
    )
    assert noor.ask("{ viewer { name } }") == {"data": {"viewer": {"name": "Noor Haddad"}}}
    noor.post("/auth/password", current=CHOSEN, password="small boats on the shore")
    letter = house.box.letter(2)
    assert letter["Subject"] == "Acme: Ihr Passwort wurde geändert"
    assert "Guten Tag Noor Haddad" in text_of(letter)
