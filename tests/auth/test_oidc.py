"""Which tokens of an identity provider are believed: those it made, for us, for this very attempt, and just now."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from auth.oidc import Provider, SignInRefused, UnknownKey, believed

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "k1"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1"})
CURVE = ECKey.generate_key("P-256", {"kid": "k2"})
KEYS = KeySet.import_key_set(
    {"keys": [KEY.as_dict(private=False), CURVE.as_dict(private=False)]}  # type: ignore[arg-type]
)
SECRET = "the secret of the client, which it knows itself"
PROVIDER = Provider(uuid.UUID(int=1), uuid.UUID(int=2), "https://idp.example", "portico", SECRET, "RS256")
GOOD: dict[str, Any] = {
    "iss": "https://idp.example", "aud": "portico", "sub": "u-1", "nonce": "n-1",
    "iat": int(NOW.timestamp()), "exp": int((NOW + timedelta(minutes=10)).timestamp()),
}  # fmt: skip


def token(key: Any = KEY, algorithm: str = "RS256", header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    return jwt.encode({"alg": algorithm, "kid": "k1", **(header or {})}, claims, key, algorithms=[algorithm])


def judged(given: object, provider: Provider = PROVIDER) -> dict[str, Any]:
    return believed(provider, KEYS, given, "n-1", NOW)


def test_a_token_that_is_all_it_should_be_is_believed() -> None:
    assert judged(token()) == GOOD
    assert judged(token(aud=["portico", "another"], azp="portico"))["sub"] == "u-1"
    assert judged(token(exp=int(NOW.timestamp()) - 30))["sub"] == "u-1", "clocks may be off by a minute"
    curved = Provider(PROVIDER.tenant_id, PROVIDER.id, PROVIDER.issuer, "portico", None, "ES256")
    assert judged(token(CURVE, "ES256", {"kid": "k2"}), curved)["sub"] == "u-1"


LATER = int((NOW + timedelta(hours=1)).timestamp())
WRONG: dict[str, dict[str, Any]] = {
    "another provider's": {"iss": "https://evil.example"},
    "almost the provider's": {"iss": "https://idp.example/"},
    "nobody's": {"iss": ...},
    "for another client": {"aud": "another"},
    "for several, of whom we are none": {"aud": ["another", "third"]},
    "for nobody": {"aud": ...},
    "made for another client that shows it to us": {"aud": ["portico", "another"], "azp": "another"},
    "of another attempt": {"nonce": "n-2"},
    "of no attempt": {"nonce": ...},
    "expired": {"exp": int((NOW - timedelta(minutes=2)).timestamp())},
    "good for ever": {"exp": ...},
    "made in the future": {"iat": LATER, "exp": LATER + 600},
    "of no known age": {"iat": ...},
    "not valid yet": {"nbf": LATER},
    "about nobody": {"sub": ...},
    "about a number": {"sub": 7},
    "valid until tomorrow, in words": {"exp": "tomorrow"},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_a_token_that_says_something_else_is_not(changes: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused):
        judged(token(**changes))


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_signatures_that_are_none_or_somebody_elses_are_not_believed() -> None:
    """Among them those an attacker could make: unsigned, or signed with what the client or everybody knows."""
    public = json.dumps(KEY.as_dict(private=False)).encode()
    unsigned = f"{part({'alg': 'none', 'kid': 'k1'})}.{part(GOOD)}."
    forged = [
        token(OTHER),
        unsigned,
        unsigned.replace(part({"alg": "none", "kid": "k1"}), part({"alg": "nOnE"})),
        token(OctKey.import_key(SECRET), "HS256"),
        token(OctKey.import_key(public), "HS256"),
        token(CURVE, "ES256", {"kid": "k2"}),
        token(KEY, "RS512"),
        token()[:-4] + "AAAA",
        token()[: -len(token().rpartition(".")[2])],
        "", "a.b.c", "a.b", None, 7, {"id_token": token()},
    ]  # fmt: skip
    for one in forged:
        with pytest.raises(SignInRefused):
            judged(one)


def test_no_symmetric_signature_is_ever_accepted_whatever_was_configured() -> None:
    for algorithm in ("HS256", "none", "HS512"):
        careless = Provider(PROVIDER.tenant_id, PROVIDER.id, PROVIDER.issuer, "portico", SECRET, algorithm)
        with pytest.raises(SignInRefused):
            judged(token(), careless)


def test_a_key_the_provider_has_not_named_yet_is_told_apart() -> None:
    new = RSAKey.generate_key(2048, {"kid": "k9"})
    with pytest.raises(UnknownKey):
        judged(token(new, header={"kid": "k9"}))
