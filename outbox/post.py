"""The post: what a letter needs to go out, and who carries it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Protocol, Self
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PATIENCE = 30.0


class Undeliverable(Exception):
    """The letter will not be taken, however often it is offered. ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotNow(Exception):
    """The letter was not taken, and may be taken later."""


@dataclass(frozen=True)
class Letter:
    """A letter as it is read: the subject, and the same words as text and as HTML."""

    subject: str
    text: str
    html: str


class Carrier(Protocol):
    """Whoever takes letters."""

    async def carry(self, message: EmailMessage) -> None:
        """Return when the message was taken; Undeliverable or NotNow if it was not."""
        ...


class NoCarrier:
    """Nobody takes letters here, which is said aloud instead of losing them."""

    async def carry(self, message: EmailMessage) -> None:
        del message
        raise Undeliverable("MAIL_NOT_CONFIGURED")


class Mailbox:
    """Letters stay where they are, for the page that shows them. For the demo only."""

    async def carry(self, message: EmailMessage) -> None:
        del message


@dataclass(frozen=True)
class SmtpServer:
    """A mail server. A password is said to this machine or over TLS only."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: str = "smtp"

    @classmethod
    def at(cls, url: str) -> Self:
        """The server of an URL: ``smtp``, ``smtp+starttls`` or ``smtps://user:password@host:port``."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("must be like smtp://user:password@host:port, or with smtp+starttls or smtps")
        port = parts.port or _PORTS[parts.scheme]
        return cls(parts.hostname, port, _decoded(parts, "username"), _decoded(parts, "password"), parts.scheme)

    async def carry(self, message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(
                message,
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.tls == "smtps",
                start_tls=False if self.tls == "smtps" else True if self._needs_tls() else None,
                timeout=_PATIENCE,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _judged(max(one.code for one in error.recipients)) from None
        except aiosmtplib.SMTPAuthenticationError:
            # Whoever runs the service mends this; the letter is not at fault.
            raise NotNow from None
        except aiosmtplib.SMTPResponseException as error:
            raise _judged(error.code) from None
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError):
            raise NotNow from None

    def _needs_tls(self) -> bool:
        return self.tls == "smtp+starttls" or (self.username is not None and self.host not in _LOOPBACK)


def _decoded(parts: SplitResult, name: str) -> str | None:
    given: str | None = getattr(parts, name)
    return None if given is None else unquote(given)


def _judged(code: int) -> Undeliverable | NotNow:
    return Undeliverable("MAIL_REFUSED") if code >= 500 else NotNow()


@dataclass(frozen=True)
class PostOffice:
    """Where letters come from and how they leave. ``key`` makes the secrets in them; only who sends letters has it."""

    key: bytes = field(repr=False)
    origin: str
    sender: str
    carrier: Carrier

    def message(self, id: str, address: str, language: str, letter: Letter, on: datetime) -> EmailMessage:
        """The message that carries a letter. Its id is always the same, so that one sent twice is known as one."""
        made = EmailMessage(policy=SMTP)
        made["From"] = self.sender
        made["To"] = address
        made["Subject"] = letter.subject
        made["Date"] = format_datetime(on)
        made["Message-ID"] = f"<{id}@{self._domain()}>"
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(letter.text)
        made.add_alternative(letter.html, subtype="html")
        # Set before, it would have gone into the first part along with the text.
        made["Content-Language"] = language
        return made

    def _domain(self) -> str:
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"


CLOSED = PostOffice(b"", "", "Portico <portico@localhost>", NoCarrier())
"""The post of a process that was not told of any."""
