"""The mailbox of the demo: there where it is asked for, with links that work, and nowhere else."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from server.settings import Settings, SettingsRefused, load_settings
from tests.server.talking import Station, stationed
from tests.world.posted import Browser, until
from tests.world.serving import Place, own_world, seeded

__all__ = ["own_world", "seeded"]


def page(station: Station, address: str = "") -> str:
    return station.http.get("/mailbox", params={"to": address} if address else {}).text


def test_a_letter_can_be_read_and_its_link_followed(own_world: Place, tmp_path: Any) -> None:
    with stationed(own_world, tmp_path, mailbox=True, worker_inside=True) as station:
        assert "No letter yet." in page(station)
        contact = station.one("Contact", name="Noor")
        station.command("administrator", "updateContact", id=contact, name="Noor <script>alert(1)</script>")
        station.command("access_manager", "invitePortalUser", contactId=contact)
        until(lambda: "/invitation#" in page(station))
        shown = page(station, "noor@alder.acme.example")
        assert "<script>" not in shown
        assert "Noor &lt;script&gt;alert(1)&lt;/script&gt;" in shown
        assert "No letter yet." in page(station, "clerk@acme.example")
        (token,) = re.findall(r'href="http://127.0.0.1:8000/invitation#([\w-]+)"', shown)
        with httpx2.Client(base_url=station.origin, timeout=20) as http:
            status, _ = Browser(http).post("/auth/invitation/accept", token=token, password="tall ships at anchor")
        assert status == 200
        answer = station.http.get("/mailbox")
        assert answer.headers["cache-control"] == "no-store"
        assert station.http.post("/mailbox").status_code == 405


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200), ("localhost", 200), ("[::1]:80", 200), ("192.168.7.7:8000", 200),
        ("mail.acme.example", 200), ("mail.acme.example.evil.example", 421), ("evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421), ("evil.example:x", 421), ("127.0.0.1@evil.example", 421), ("", 421),
    ],
)  # fmt: skip
def test_a_name_that_another_site_has_lead_here_shows_no_letters(
    own_world: Place, tmp_path: Any, host: str, status: int
) -> None:
    with stationed(own_world, tmp_path, mailbox=True, public_origin="https://mail.acme.example") as station:
        answer = station.http.get("/mailbox", headers={"host": host})
        assert answer.status_code == status
        assert ("Mailbox of the demo" in answer.text) == (status == 200)


def test_without_being_asked_for_there_is_none(own_world: Place, tmp_path: Any) -> None:
    with stationed(own_world, tmp_path) as station:
        answer = station.http.get("/mailbox")
        assert "Mailbox of the demo" not in answer.text


def test_what_cannot_be_used_for_mail_is_refused_without_saying_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTICO_SMTP_URL", "imap://someone:password@mail.example")
    with pytest.raises(SettingsRefused, match="SETTING_INVALID: PORTICO_SMTP_URL") as refusal:
        load_settings()
    assert "someone" not in str(refusal.value)
    monkeypatch.delenv("PORTICO_SMTP_URL")
    monkeypatch.setenv("PORTICO_MAIL_FROM", "nobody")
    with pytest.raises(SettingsRefused, match="SETTING_INVALID: PORTICO_MAIL_FROM"):
        load_settings()
    assert Settings(mail_from="Acme <portal@acme.example>").mail_from == "Acme <portal@acme.example>"  # type: ignore[call-arg]
