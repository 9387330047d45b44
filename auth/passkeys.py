"""Passkeys: what a browser is asked, and whether its answer is good.

An answer is bytes from a stranger. The library lets through whatever its parsers raise at odd ones, so everything it
raises means the same here: refused.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json, parse_registration_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

NAME = "Portico"
MILLISECONDS = 300_000
# Any point of the curve: an answer for an unknown key is verified with it, and refused whatever comes out.
_NOBODYS_KEY = bytes.fromhex(
    "a5010203262001215820"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


class PasskeyRefused(Exception):
    """The answer of a browser does not show what it should."""


@dataclass(frozen=True)
class Site:
    """Where passkeys are used: the host they are made for, and the origins of pages that may ask for them."""

    host: str
    origins: tuple[str, ...]

    @classmethod
    def of(cls, origins: Sequence[str]) -> Site:
        """The site whose own origin is the first."""
        return cls(urlsplit(origins[0]).hostname or "", tuple(origins))


@dataclass(frozen=True)
class Registered:
    """A new passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]


@dataclass(frozen=True)
class Presented:
    """What an answer says of itself, before anything of it is verified."""

    tenant_id: uuid.UUID
    user_id: uuid.UUID
    credential_id: bytes


def options_to_register(
    site: Site, *, challenge: bytes, handle: bytes, email: str, name: str, known: Sequence[bytes]
) -> dict[str, Any]:
    """What a browser is asked for a new passkey, one that names its user by itself and asks them who they are."""
    made = generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_id=handle,
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        timeout=MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return json.loads(options_to_json(made))


def options_to_sign_in(site: Site, *, challenge: bytes) -> dict[str, Any]:
    """What a browser is asked for any passkey it has for us."""
    made = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=MILLISECONDS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.loads(options_to_json(made))


def verified_registration(site: Site, credential: dict[str, Any], challenge: bytes) -> Registered:
    """The passkey a browser has made; PasskeyRefused if it did not answer this challenge for this site."""
    try:
        parsed = parse_registration_credential_json(credential)
        made = verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused from error
    transports = [one.value for one in parsed.response.transports or ()]
    return Registered(made.credential_id, made.credential_public_key, made.sign_count, transports)


def presented(credential: dict[str, Any]) -> Presented:
    """Whose passkey an answer says it is of."""
    try:
        parsed = parse_authentication_credential_json(credential)
        handle = parsed.response.user_handle or b""
        return Presented(uuid.UUID(bytes=handle[:16]), uuid.UUID(bytes=handle[16:]), parsed.raw_id)
    except Exception as error:
        raise PasskeyRefused from error


def verified_use(site: Site, credential: dict[str, Any], challenge: bytes, key: tuple[bytes, int] | None) -> int:
    """How often the passkey says it was used; PasskeyRefused unless it signed this challenge for this site.

    ``key`` is the public half and the count of the last use. Without one it works as long and refuses.
    """
    public_key, count = key or (_NOBODYS_KEY, 0)
    try:
        used = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=public_key,
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused from error
    if key is None:
        raise PasskeyRefused
    return used.new_sign_count


def handle_of(tenant_id: uuid.UUID, user_id: uuid.UUID) -> bytes:
    """What a passkey names its user by."""
    return tenant_id.bytes + user_id.bytes


def decoded(text: str) -> bytes:
    """Bytes from base64url; ValueError for anything else."""
    return base64url_to_bytes(text)
