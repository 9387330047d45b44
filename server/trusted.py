"""Trusted documents: what the portal's build wrote down, asked for by name instead of being sent.

The name is the hash of the text, so it cannot mean anything else. A service that serves pages only can refuse every
other document from browsers; programs with a token of their own go on sending what they like, within the limits.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import orjson

from auth.grants import Credential, Presented
from server.contract import GraphQLRequest
from server.documents import refused

MANIFEST = Path(__file__).parent / "static" / "documents.json"


class Browsers(enum.Enum):
    """Which documents a browser's session may send."""

    ANY = "any"
    TRUSTED_ONLY = "trusted only"


class ManifestBroken(ValueError):
    """A name in the manifest is not the hash of its text."""


@dataclass(frozen=True)
class Trusted:
    """The trusted documents by name: ``sha256:`` and the hash of the text in hexadecimal."""

    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    browsers: Browsers = Browsers.ANY

    @classmethod
    def load(cls, browsers: Browsers, manifest: Path = MANIFEST) -> Self:
        """The documents of the portal that was built; none where there is no portal."""
        texts: dict[str, str] = orjson.loads(manifest.read_bytes()) if manifest.exists() else {}
        for name, text in texts.items():
            if name != f"sha256:{hashlib.sha256(text.encode()).hexdigest()}":
                raise ManifestBroken(f"{name} in {manifest.name} is not the hash of its document.")
        return cls(texts, browsers)

    def text_of(self, request: GraphQLRequest, credential: Credential | None) -> str:
        """The document a request means; RequestRefused if it names none, or one it may not send."""
        if request.document_id is not None:
            return self._named(request)
        if not request.query:
            raise refused("QUERY_MISSING", "The request has no query.")
        cookie = credential is not None and credential.presented is Presented.COOKIE
        if cookie and self.browsers is Browsers.TRUSTED_ONLY:
            raise refused("DOCUMENT_NOT_TRUSTED", "Browsers send the names of trusted documents here.")
        return request.query

    def _named(self, request: GraphQLRequest) -> str:
        if request.query:
            raise refused("DOCUMENT_AMBIGUOUS", "Send either a query or a documentId.")
        text = self.texts.get(request.document_id or "")
        if text is None:
            raise refused("DOCUMENT_UNKNOWN", "There is no trusted document of this name. Reload the page.")
        return text
