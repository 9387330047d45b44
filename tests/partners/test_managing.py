"""What the staff does with applications: who may, what is shown once, and what is on record."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.partners.program import ADMINISTRATOR, Program, enrolled
from tests.server.talking import Station
from tests.world.mirror import plain
from tests.world.seed import STAFF

CREATE = """mutation($i: CreatePartnerApplicationInput!) { createPartnerApplication(input: $i) {
  secret partnerApplication { id name clientId status environment fields bucket restoreRate }
  userErrors { code field permission } } }"""
LIST = """{ partnerApplications(first: 100) { nodes { name status user { kind } grants(first: 20) { nodes { name } }
  secrets(first: 5, archived: INCLUDE) { nodes { label archivedAt application { name } } } } } }"""


def test_an_application_is_made_with_its_secret_which_is_shown_once(own_station: Station) -> None:
    given = {"name": "Rota", "fields": ["Site.name", "Address.city", "Site.name"], "idempotencyKey": "k"}
    made = own_station.ask(ADMINISTRATOR, CREATE, i=given)["createPartnerApplication"]
    secret, application = made["secret"], made["partnerApplication"]
    assert len(secret) == 43
    assert len(application["clientId"]) == 43
    assert {name: application[name] for name in application if name not in ("id", "clientId")} == {
        "name": "Rota",
        "status": "ACTIVE",
        "environment": "LIVE",
        "fields": ["Address.city", "Site.name"],
        "bucket": 10_000,
        "restoreRate": 500,
    }
    again = own_station.ask(ADMINISTRATOR, CREATE, i=given)["createPartnerApplication"]
    assert again == {**made, "secret": None}
    with psycopg.connect(plain(own_station.place.url)) as connection:
        for table in ("partner_secret", "idempotency_key", "event", "audit_entry", "session", "app_user"):
            rows = connection.execute(f"select t::text from {table} t").fetchall()
            assert not [row for (row,) in rows if secret in row], table


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": ""}, ("INVALID_LENGTH", ["name"])),
        ({"name": "x", "fields": ["Site.nothing"]}, ("UNKNOWN_FIELD", ["fields"])),
        ({"name": "x", "bucket": 99}, ("OUT_OF_RANGE", ["bucket"])),
        ({"name": "x", "bucket": 1_000_001}, ("OUT_OF_RANGE", ["bucket"])),
        ({"name": "x", "restoreRate": 0}, ("OUT_OF_RANGE", ["restoreRate"])),
        ({"name": "x", "restoreRate": None}, ("REQUIRED", ["restoreRate"])),
    ],
)
def test_odd_terms_are_refused(given: dict[str, Any], error: Any, own_station: Station) -> None:
    payload = own_station.ask(ADMINISTRATOR, CREATE, i=given)["createPartnerApplication"]
    assert [(one["code"], one["field"]) for one in payload["userErrors"]] == [error]
    assert payload["secret"] is None


def test_only_who_manages_partners_makes_and_sees_applications(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read")
    for viewer in (*STAFF, "portal_manager"):
        listed = own_station.ask(viewer, "{ partnerApplications(first: 100) { totalCount } }")["partnerApplications"]
        payload = own_station.ask(viewer, CREATE, i={"name": "Another"})["createPartnerApplication"]
        if viewer == ADMINISTRATOR:
            assert listed["totalCount"] > 1
            assert payload["userErrors"] == []
        else:
            assert listed["totalCount"] == 0
            assert payload["userErrors"] == [{"code": "FORBIDDEN", "field": None, "permission": "MANAGE_PARTNERS"}]
            assert payload["secret"] is None
    own = program.answer("{ partnerApplications(first: 9) { nodes { name bucket secrets(first: 5) { totalCount } } } }")
    assert own["data"]["partnerApplications"]["nodes"] == [
        {"name": "Rota", "bucket": 10_000, "secrets": {"totalCount": 1}}
    ]


def test_the_list_shows_scopes_and_secrets(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read", "sites:read")
    own_station.command(ADMINISTRATOR, "rotatePartnerSecret", "secret", id=program.id, label="June")
    shown = own_station.ask(ADMINISTRATOR, LIST)["partnerApplications"]["nodes"]
    rota = next(one for one in shown if one["name"] == "Rota")
    assert rota["user"] == {"kind": "PARTNER"}
    assert [one["name"] for one in rota["grants"]["nodes"]] == ["jobs:read", "sites:read"]
    assert rota["secrets"]["nodes"] == [
        {"label": "June", "archivedAt": None, "application": {"name": "Rota"}},
        {"label": None, "archivedAt": None, "application": {"name": "Rota"}},
    ]


def test_a_secret_that_has_expired_is_dead_and_makes_room(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read")
    past = _refusal(own_station, "rotatePartnerSecret", {"id": program.id, "expiresAt": "2020-01-01T00:00:00Z"})
    assert past == ("EXPIRES_IN_THE_PAST", ["expiresAt"])
    made = own_station.command(
        ADMINISTRATOR, "rotatePartnerSecret", "secret", id=program.id, expiresAt="2100-01-01T00:00:00Z"
    )
    second = Program(own_station, program.id, program.user, program.client_id, made["secret"])
    second.sign_in()
    with psycopg.connect(plain(own_station.place.url)) as connection:
        connection.execute("update partner_secret set expires_at = now() - interval '1 second' where slot = 2")
    assert second.post("/oauth/token", {"grant_type": "client_credentials"}).json()["error"] == "invalid_client"
    third = own_station.command(ADMINISTRATOR, "rotatePartnerSecret", "secret", id=program.id)["secret"]
    assert third != made["secret"]
    # It was ended to make room, and what was got with it ended too.
    assert second.send("{ viewer { name } }").status_code == 401


def test_disabled_and_enabled_it_has_what_it_had(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read")
    own_station.command(ADMINISTRATOR, "disablePartnerApplication", id=program.id)
    assert _refusal(own_station, "disablePartnerApplication", {"id": program.id})[0] == "INVALID_TRANSITION"
    assert program.post("/oauth/token", {"grant_type": "client_credentials"}).json()["error"] == "invalid_client"
    own_station.command(ADMINISTRATOR, "enablePartnerApplication", id=program.id)
    assert program.send("{ viewer { name } }").status_code == 401
    program.sign_in()
    assert program.answer("{ jobs(first: 1) { totalCount } }")["data"]["jobs"]["totalCount"] > 0


def test_every_change_is_on_record(own_station: Station) -> None:
    program = enrolled(own_station, "jobs:read")
    program.change(fields=["Site.name"], name="Rota 2")
    made = own_station.command(ADMINISTRATOR, "rotatePartnerSecret", "partnerSecret { id }", id=program.id)[
        "partnerSecret"
    ]
    own_station.command(ADMINISTRATOR, "endPartnerSecret", id=made["id"])
    own_station.command(ADMINISTRATOR, "disablePartnerApplication", id=program.id)
    with psycopg.connect(plain(own_station.place.url)) as connection:
        rows = connection.execute(
            "select type from event where node_id = %s or node_type = 'PartnerSecret' order by seq desc limit 5",
            (program.id[4:],),
        ).fetchall()
    assert [name for (name,) in reversed(rows)] == [
        "PartnerApplicationCreated",
        "PartnerApplicationUpdated",
        "PartnerSecretAdded",
        "PartnerSecretEnded",
        "PartnerApplicationDisabled",
    ]
    shown = own_station.ask(
        ADMINISTRATOR, "query($id: ID!) { node(id: $id) { ... on User { name } } }", id=program.user
    )
    assert shown["node"]["name"] == "Rota 2"


def _refusal(station: Station, name: str, given: dict[str, Any]) -> Any:
    kind = name[0].upper() + name[1:]
    document = f"mutation($i: {kind}Input!) {{ {name}(input: $i) {{ userErrors {{ code field }} }} }}"
    (error,) = station.ask(ADMINISTRATOR, document, i=given)[name]["userErrors"]
    return error["code"], error["field"]
