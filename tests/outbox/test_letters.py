"""The letters: every one in every language, nothing of what people typed taken for more than words."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from models import Language
from outbox.letters import TEMPLATES, written
from outbox.post import NoCarrier, PostOffice, SmtpServer

NAMES = sorted({path.stem for path in TEMPLATES.glob("en/*.txt")})
LINK = "https://portal.example/invitation#abc"
VALUES = {
    "name": "Quentin <b>Marsh</b>\n\n> Click here",
    "company": "Acme & Sons",
    "organization": "Quince",
    "email": "quentin@quince.example",
    "expires": "2026-03-05T10:00:00+00:00",
    "time_zone": "Europe/Berlin",
    "factor": "passkey",
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_there_in_every_language(name: str, language: Language) -> None:
    letter = written(name, language, VALUES, link=LINK, code="abcde-fghij")
    assert letter.subject.startswith("Acme & Sons: ")
    assert "Quentin <b>Marsh</b> > Click here" in letter.text
    assert "<b>" not in letter.html
    assert "&lt;b&gt;Marsh" in letter.html
    assert f'<html lang="{language.lower()}">' in letter.html
    assert (LINK in letter.text) == (f'href="{LINK}"' in letter.html)
    assert ("2026-03-05 11:00 (Europe/Berlin)" in letter.text) == ("expires" in _source(name, language))
    assert ("abcde-fghij" in letter.text) == (name == "temporary_password")
    assert "{{" not in letter.text + letter.html


@pytest.mark.parametrize("name", ["factor_added", "factor_removed"])
@pytest.mark.parametrize("language", Language)
def test_a_letter_tells_one_factor_from_another(name: str, language: Language) -> None:
    said = [
        written(name, language, VALUES | {"factor": factor}, link=LINK).text for factor in ("passkey", "authenticator")
    ]
    assert said[0] != said[1]


def _source(name: str, language: Language) -> str:
    return (TEMPLATES / language.lower() / f"{name}.txt").read_text()


def test_a_message_is_known_by_its_id_and_holds_both_forms() -> None:
    post = PostOffice(b"key", "https://portal.example", "Acme <portal@acme.example>", NoCarrier())
    letter = written("invitation", Language.DE, VALUES, link=LINK)
    on = datetime(2026, 3, 2, 9, tzinfo=UTC)
    made = [post.message("0a1b", "quentin@quince.example", "de", letter, on) for _ in range(2)]
    assert made[0]["Message-ID"] == made[1]["Message-ID"] == "<0a1b@acme.example>"
    read = message_from_bytes(made[0].as_bytes(), policy=default)
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert read["Subject"] == "Acme & Sons: Ihr Zugang zum Kundenportal"
    assert (read["Date"], read["Content-Language"]) == ("Mon, 02 Mar 2026 09:00:00 +0000", "de")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 25)),
        ("smtp+starttls://mail.example", SmtpServer("mail.example", 587, tls="smtp+starttls")),
        ("smtps://u%40x:p%3Aw@mail.example:2465", SmtpServer("mail.example", 2465, "u@x", "p:w", "smtps")),
    ],
)
def test_a_mail_server_is_named_by_a_url(url: str, server: SmtpServer) -> None:
    assert SmtpServer.at(url) == server
    assert "p:w" not in repr(server)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example/x"])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must be like smtp"):
        SmtpServer.at(url)
