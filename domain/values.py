"""What a value must look like, field by field: each check returns the value to store or raises Invalid."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from domain.refusals import Invalid

Check = Callable[[Any], Any]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def text(shortest: int = 1, longest: int = 200) -> Check:
    """Trimmed text of so many characters, without control characters."""

    def check(value: str) -> str:
        trimmed = value.strip()
        if _CONTROL.search(trimmed):
            raise Invalid("Control characters are not allowed.", code="INVALID_TEXT")
        if not shortest <= len(trimmed) <= longest:
            raise Invalid(f"This takes {shortest} to {longest} characters.", code="INVALID_LENGTH")
        return trimmed

    return check


def optional(check: Check) -> Check:
    """``check``, but null and blank text mean "none"."""

    def checked(value: Any) -> Any:
        blank = value is None or (isinstance(value, str) and not value.strip())
        return None if blank else check(value)

    return checked


def number(low: Decimal | int, high: Decimal | int) -> Check:
    """A number within bounds, both included."""

    def check(value: Any) -> Any:
        if not low <= value <= high:
            raise Invalid(f"This must lie between {low} and {high}.", code="OUT_OF_RANGE")
        return value

    return check


def anything(value: Any) -> Any:
    """A value whose type already says all there is to check."""
    return value


def email(value: str) -> str:
    """An address by the rules of RFC 5321 and 5322; the domain is not asked. Folded to lower case."""
    try:
        return validate_email(value.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid("This is not an e-mail address.", code="INVALID_EMAIL") from error


def phone(value: str) -> str:
    """A telephone number with its country code, stored as E.164."""
    try:
        parsed = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException as error:
        raise Invalid(
            "Give the number with its country code, such as +44 20 7946 0018.", code="INVALID_PHONE"
        ) from error
    if not phonenumbers.is_possible_number(parsed):
        raise Invalid("This is not a telephone number.", code="INVALID_PHONE")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def website(value: str) -> str:
    """An http or https address with a host."""
    trimmed: str = text(1, 500)(value)
    try:
        parts = urlsplit(trimmed)
        usable = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        usable = False
    if not usable:
        raise Invalid("This is not a web address.", code="INVALID_URL")
    return trimmed


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def time_zone(value: str) -> str:
    """An IANA time zone name."""
    if value not in _zones():
        raise Invalid("This is not an IANA time zone such as Europe/Berlin.", code="INVALID_TIME_ZONE")
    return value


def country(value: str) -> str:
    """An ISO 3166 country code of two letters."""
    code = value.strip().upper()
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid("This is not an ISO 3166 country code such as DE.", code="INVALID_COUNTRY")
    return code


def currency(value: str) -> str:
    """An ISO 4217 currency code of three letters."""
    code = value.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Invalid("This is not an ISO 4217 currency code such as EUR.", code="INVALID_CURRENCY")
    return code
