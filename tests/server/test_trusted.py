"""Trusted documents are asked for by name, over HTTP and over sockets; browsers can be held to them."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import orjson
import pytest

from server.trusted import Browsers, ManifestBroken, Trusted
from tests.server.talking import Station, talk

pytestmark = pytest.mark.usefixtures("untroubled")
TEXT = "query Me { viewer { name } }"
LIVE = "subscription { access { name } }"
NAME = {"viewer": {"name": "Administrator"}}


def name_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


TEXTS = {name_of(text): text for text in (TEXT, LIVE)}


@pytest.fixture
def trusting(station: Station) -> Generator[Station]:
    operations = station.process.operations
    operations.trusted = Trusted(TEXTS)
    yield station
    operations.trusted = Trusted()


def post(station: Station, headers: dict[str, str], **body: Any) -> Any:
    return station.http.post("/graphql", json=body, headers=headers).json()


def code(answer: Any) -> str:
    return answer["errors"][0]["extensions"]["code"]


def browser(station: Station, viewer: str) -> dict[str, str]:
    return {"cookie": f"portico={station.token(viewer)}", "x-portico-client": "test"}


def test_a_document_is_asked_for_by_name(trusting: Station) -> None:
    bearer = trusting.bearer("administrator")
    assert post(trusting, bearer, documentId=name_of(TEXT)) == {"data": NAME}
    in_url = trusting.http.get("/graphql", params={"documentId": name_of(TEXT)}, headers=bearer)
    assert in_url.json() == {"data": NAME}


def test_what_has_no_such_name_is_refused(trusting: Station) -> None:
    bearer = trusting.bearer("administrator")
    assert code(post(trusting, bearer, documentId=name_of("{ viewer { email } }"))) == "DOCUMENT_UNKNOWN"
    assert code(post(trusting, bearer, documentId=name_of(TEXT), query=TEXT)) == "DOCUMENT_AMBIGUOUS"
    assert code(post(trusting, bearer, documentId=7)) == "BAD_REQUEST"


async def test_sockets_know_the_names_too(trusting: Station) -> None:
    async with talk(trusting, "administrator") as one:
        await one.say({"id": "1", "type": "subscribe", "payload": {"documentId": name_of(TEXT)}})
        assert await one.data("1") == NAME
        await one.say({"id": "2", "type": "subscribe", "payload": {"documentId": name_of(LIVE)}})
        assert await one.data("2") == {"access": {"name": "Administrator"}}


def test_browsers_can_be_held_to_trusted_documents(trusting: Station) -> None:
    trusting.process.operations.trusted = Trusted(TEXTS, Browsers.TRUSTED_ONLY)
    cookie = browser(trusting, "administrator")
    assert code(post(trusting, cookie, query=TEXT)) == "DOCUMENT_NOT_TRUSTED"
    assert post(trusting, cookie, documentId=name_of(TEXT)) == {"data": NAME}
    assert post(trusting, trusting.bearer("administrator"), query=TEXT) == {"data": NAME}


def test_a_manifest_is_believed_only_if_its_names_are_hashes(tmp_path: Path) -> None:
    manifest = tmp_path / "documents.json"
    assert Trusted.load(Browsers.ANY, manifest).texts == {}
    manifest.write_bytes(orjson.dumps(TEXTS))
    assert Trusted.load(Browsers.ANY, manifest).texts == TEXTS
    manifest.write_bytes(orjson.dumps({name_of(TEXT): LIVE}))
    with pytest.raises(ManifestBroken):
        Trusted.load(Browsers.ANY, manifest)
